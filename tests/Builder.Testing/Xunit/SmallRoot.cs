using System.Diagnostics;

namespace Builder.Testing;

/// <summary>A directory tree of a few megabytes that jobs can have as their root: a shell and some programs of this machine with their libraries.</summary>
internal static class SmallRoot
{
    private static readonly string[] Programs = ["sh", "ls", "cat", "id", "mkdir", "rm", "sleep", "head", "setpriv", "hostname"];

    /// <summary>Makes it in a directory that does not exist yet.</summary>
    public static async Task MakeAsync(string directory)
    {
        Requirement.Programs("sh", "ldd", "cp");
        // Copies keep no owner of this machine's but root's, whoever runs the test.
        const string Script = """
            set -e
            tree=$1; shift
            mkdir -p "$tree/bin" "$tree/etc" "$tree/usr/share"; mkdir -m 1777 "$tree/tmp" "$tree/open"
            for name; do
              program=$(readlink -f "$(command -v "$name")")
              cp "$program" "$tree/bin/$name"
              ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
                mkdir -p "$tree${library%/*}"; [ -e "$tree$library" ] || cp -L "$library" "$tree$library"
              done
            done
            echo small > "$tree/etc/name-of-tree"; ln -s /etc/name-of-tree "$tree/link"
            chmod 755 "$tree"
            """;
        using var process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", directory, .. Programs]) { RedirectStandardError = true }
        )!;
        var complaints = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, complaints);
    }
}

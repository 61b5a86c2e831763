using System.Diagnostics;

namespace Builder.Testing;

/// <summary>
/// Programs of newer Debian releases that verify what Builder signs. They are fetched once from the mirror that this machine's own apt uses, without touching
/// apt's lists. A mirror that lacks one is no fault of ours: the test is skipped with the reason, also in CI.
/// </summary>
internal static class StockProgram
{
    private const string Fetch = """
        set -e
        package=$1; d=$2
        mkdir -p "$d/lists/partial" "$d/cache/archives/partial" "$d/pref" "$d/x"; : > "$d/status"
        sites=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sort -u | grep '/debian/\?$')
        for suite in sid trixie; do
          for site in $sites; do
            echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $suite main" > "$d/sources.list"
            printf 'Dir::State::lists "%s/lists"; Dir::State::status "%s/status"; Dir::Cache "%s/cache"; Dir::Etc::sourcelist "%s/sources.list"; Dir::Etc::sourceparts "-"; Dir::Etc::preferencesparts "%s/pref"; Acquire::Check-Valid-Until "false"; APT::Sandbox::User "";' "$d" "$d" "$d" "$d" "$d" > "$d/apt.conf"
            if APT_CONFIG="$d/apt.conf" timeout 120 apt-get -q update && (cd "$d" && APT_CONFIG="$d/apt.conf" timeout 120 apt-get -q download "$package"); then
              dpkg-deb -x "$d/$package"_*.deb "$d/x" && exit 0
            fi
          done
        done
        echo "no mirror of this machine has $package" >&2
        exit 1
        """;

    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    /// <summary>The program's file. Kept between runs, under a name that only this user can have made.</summary>
    /// <param name="name">Of the program; that of its package where not given.</param>
    public static async Task<string> FindAsync(string package, CancellationToken cancellationToken, string? name = null)
    {
        Requirement.Programs("apt-get", "dpkg-deb");
        var place = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "builder-tests",
            package
        );
        var program = Path.Combine(place, "x", "usr", "bin", name ?? package);
        await OneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (!File.Exists(program))
                await FetchAsync(package, place, cancellationToken);
        }
        finally
        {
            OneAtATime.Release();
        }
        return program;
    }

    private static async Task FetchAsync(string package, string place, CancellationToken cancellationToken)
    {
        using var work = new TemporaryDirectory();
        var (status, output) = await RunAsync("/bin/sh", ["-c", Fetch, "sh", package, work["fetched"]], cancellationToken);
        if (status != 0)
            Assert.Skip($"{package} cannot be fetched: {output.Trim().Split('\n')[^1]}");
        Directory.CreateDirectory(place);
        var (copied, problem) = await RunAsync("cp", ["-a", work["fetched/x"], place], cancellationToken);
        Assert.True(copied == 0, problem);
    }

    /// <summary>Runs a program to its end, in an empty home.</summary>
    public static async Task<(int Status, string Output)> RunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string? home = null
    )
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (home is not null)
            start.Environment["HOME"] = home;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await errors);
    }
}

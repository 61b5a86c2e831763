using System.Security.Cryptography;
using System.Text;
using Builder.Publishing.Files;

namespace Builder.Publishing.Signing;

/// <summary>
/// The GnuPG home as gpg gets to see it. gpg-agent listens on sockets in it, and the path of a socket has at most 103 bytes on
/// FreeBSD and 107 on Linux; a longer home goes by a link in a private directory, for as long as one call takes.
/// </summary>
internal sealed class GpgHome : IAsyncDisposable
{
    /// <summary>Leaves room for <c>/S.gpg-agent.browser</c>, the longest of the names.</summary>
    internal const int MaxBytes = 80;

    private readonly string? shortcut;

    private GpgHome(string path, string? shortcut) => (Path, this.shortcut) = (path, shortcut);

    /// <summary>For <c>GNUPGHOME</c>.</summary>
    public string Path { get; }

    /// <exception cref="RepositoryException">The home is too long, and no shorter way to it can be made.</exception>
    public static GpgHome Open(string home)
    {
        if (Encoding.UTF8.GetByteCount(home) <= MaxBytes)
            return new GpgHome(home, null);
        var errors = new List<string>();
        foreach (var place in Places())
        {
            try
            {
                var directory = System.IO.Path.Combine(place, $"builder-{RandomNumberGenerator.GetHexString(20, lowercase: true)}");
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                File.CreateSymbolicLink(System.IO.Path.Combine(directory, "g"), home);
                return new GpgHome(System.IO.Path.Combine(directory, "g"), directory);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                errors.Add(exception.Message);
            }
        }
        throw new RepositoryException(
            $"the path of the keys, {home}, has more than {MaxBytes} bytes, and no shorter link to it can be made ({string.Join("; ", errors)}): "
                + "choose a configuration directory with a shorter path"
        );
    }

    /// <summary>The agent knows its home by the link: it ends before the link goes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (shortcut is null)
            return;
        try
        {
            await Tool.RunAsync("gpgconf", ["--kill", "gpg-agent"], default, Path, CancellationToken.None);
        }
        catch (RepositoryException)
        {
            // Without its link the agent ends by itself within a minute.
        }
        Directory.Delete(shortcut, recursive: true);
    }

    private static IEnumerable<string> Places()
    {
        if (
            Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 and <= 40 } runtime
            && System.IO.Path.IsPathFullyQualified(runtime)
        )
            yield return runtime;
        yield return "/tmp";
        yield return "/var/tmp";
    }
}

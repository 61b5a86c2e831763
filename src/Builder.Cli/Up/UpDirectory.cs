using System.Security.Cryptography;
using Builder.Cli.Errors;

namespace Builder.Cli.Up;

/// <summary>
/// The data directory of <c>builder up</c>: <c>server/</c> and <c>web/</c> as the roles keep them, <c>config/</c> for the operator's templates,
/// hooks and texts, <c>signer/</c> for keys, and the password with which the server uploads. Held by one process at a time.
/// </summary>
internal sealed class UpDirectory : IDisposable
{
    internal const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string LockFile = "up.lock";

    private const string HolderFile = "up.running";

    private readonly FileStream hold;

    private UpDirectory(string root, FileStream hold)
    {
        Root = root;
        this.hold = hold;
    }

    public string Root { get; }

    public string Server => Path.Combine(Root, "server");

    public string Web => Path.Combine(Root, "web");

    public string Configuration => Path.Combine(Root, "config");

    /// <summary>Keys, and what was signed with them.</summary>
    public string Signer => Path.Combine(Root, "signer");

    public UpSockets Sockets => UpSockets.In(Root);

    /// <summary>Where <c>builder up</c> keeps its data when nobody says otherwise (XDG Base Directory Specification).</summary>
    public static string Default =>
        Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "builder"
        );

    /// <exception cref="CommandException">Another process has it, or it cannot be made.</exception>
    public static UpDirectory Open(string path)
    {
        var root = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(root, OwnerOnly);
            var hold = new FileStream(
                Path.Combine(root, LockFile),
                new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    BufferSize = 0,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            );
            var opened = new UpDirectory(root, hold);
            foreach (var folder in (string[])[opened.Server, opened.Web, opened.Configuration, opened.Signer])
                Directory.CreateDirectory(folder, OwnerOnly);
            opened.Sockets.Prepare();
            opened.SayWho("");
            return opened;
        }
        catch (IOException exception) when (File.Exists(Path.Combine(root, LockFile)))
        {
            var who = Holder(root) is { Length: > 0 } holder ? holder : exception.Message;
            throw new CommandException(
                $"{root} is in use by another \"builder up\" ({who}); end that one, or use --datadir to choose another directory"
            );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot use {root}: {exception.Message}; give another directory with --datadir");
        }
    }

    /// <summary>The password of the upload user, made at random the first time and readable by the owner alone.</summary>
    public string UploadPassword()
    {
        var file = Path.Combine(Root, "upload-password");
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } kept)
            return kept;
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        WriteOwn(file, password);
        return password;
    }

    /// <summary>Tells a second one that comes to this directory who is here.</summary>
    /// <param name="site">Where the site is; empty while it starts.</param>
    public void SayWho(string site) =>
        WriteOwn(Path.Combine(Root, HolderFile), $"pid {Environment.ProcessId}{(site.Length > 0 ? $", {site}" : "")}");

    public void Dispose() => hold.Dispose();

    /// <summary>As <see cref="SayWho"/> wrote it. The lock is another file: .NET does not read one that is locked.</summary>
    private static string Holder(string root)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, HolderFile)).Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>For the owner alone, whatever the umask.</summary>
    private static void WriteOwn(string file, string line)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var writer = new StreamWriter(file, options);
        writer.WriteLine(line);
    }
}

using System.Security.Cryptography;
using System.Text;
using Builder.Analysis.Values;
using Builder.Cli.Errors;
using Builder.Cli.Programs;

namespace Builder.Cli.Record;

/// <summary>
/// The artifact <c>build-inputs</c>: <c>SHA256  PATH</c> for each file, as sha256sum writes it, <c>SHA256  URL</c> for each download, and
/// <c>COMMIT  git:PATH</c> for each checkout, sorted by what stands behind the hash.
/// </summary>
internal sealed class InputList
{
    private const int MaxFiles = 1_000_000;

    private readonly SortedDictionary<string, string> lines = new(StringComparer.Ordinal);

    public byte[] Write() => Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line => $"{line.Value}  {line.Key}\n")));

    public void AddDownload(Download download, Sha256Digest digest) => lines[download.Address.AbsoluteUri] = digest.ToString();

    /// <summary>A file, or all files below a directory. Links are inputs by where they lead to, and are not followed.</summary>
    /// <exception cref="CommandException">It is not there, or has a name that a line cannot hold.</exception>
    public async Task AddAsync(string path, CancellationToken cancellationToken)
    {
        if (new FileInfo(path) is { LinkTarget: null, Exists: true })
        {
            await AddFileAsync(path, cancellationToken);
            return;
        }
        if (!Directory.Exists(path))
            throw new CommandException($"--input {path}: no such file or directory");
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.None,
            IgnoreInaccessible = false,
        };
        var files = new System.IO.Enumeration.FileSystemEnumerable<string>(path, static (ref entry) => entry.ToFullPath(), options)
        {
            ShouldIncludePredicate = static (ref entry) => !entry.IsDirectory || IsLink(ref entry),
            ShouldRecursePredicate = static (ref entry) => !IsLink(ref entry),
        };
        foreach (var file in files)
        {
            if (lines.Count > MaxFiles)
                throw new CommandException($"--input {path}: there are more than {MaxFiles} files");
            await AddFileAsync(Path.Combine(path, Path.GetRelativePath(Path.GetFullPath(path), file)), cancellationToken);
        }
    }

    /// <summary>A git checkout, by its commit.</summary>
    /// <exception cref="CommandException">It is none, or has changes that no commit has.</exception>
    public async Task AddCheckoutAsync(string path, CancellationToken cancellationToken)
    {
        // The owner is another user where the worker made the directory; nothing of its configuration runs here.
        string[] git = ["-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-C", path];
        var commit = Encoding
            .ASCII.GetString(
                await ProgramRun.CaptureAsync(
                    new ProgramStart("git", [.. git, "rev-parse", "--verify", "HEAD^{commit}"]),
                    cancellationToken
                )
            )
            .Trim();
        var changes = await ProgramRun.CaptureAsync(
            new ProgramStart("git", [.. git, "status", "--porcelain", "--ignore-submodules=none"]),
            cancellationToken
        );
        if (changes.Length > 0)
            throw new CommandException(
                $"--git {path}: there are changes that no commit has; commit them, or name the directory with --input"
            );
        lines[$"git:{Line(path)}"] = commit;
    }

    private async Task AddFileAsync(string path, CancellationToken cancellationToken)
    {
        var name = Line(path);
        if (new FileInfo(path).LinkTarget is { } target)
        {
            lines[name] = Sha256Digest.Of(Encoding.UTF8.GetBytes($"link {target}")).ToString();
            return;
        }
        if (File.GetAttributes(path).HasFlag(FileAttributes.Device))
            throw new CommandException($"--input {path}: it is a device or a pipe");
        await using var file = File.OpenRead(path);
        lines[name] = Sha256Digest.FromBytes(await SHA256.HashDataAsync(file, cancellationToken)).ToString();
    }

    private static bool IsLink(ref System.IO.Enumeration.FileSystemEntry entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);

    private static string Line(string path) =>
        path.AsSpan().IndexOfAny('\n', '\r') < 0
            ? path
            : throw new CommandException($"the name \"{path}\" has a line end in it; rename the file");
}

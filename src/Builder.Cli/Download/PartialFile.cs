using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Cli.Errors;
using Builder.Cli.Text;
using Builder.Posix;

namespace Builder.Cli.Download;

/// <summary>
/// The target before it is complete: <c>.HASH.part</c> in its directory, with the beginning of its hash. It stays when a download is interrupted, and the
/// next download of the same content continues it. One process at a time has it open.
/// </summary>
internal sealed class PartialFile : IAsyncDisposable
{
    private readonly string path;
    private readonly string target;
    private readonly FileStream file;
    private bool isGone;

    private PartialFile(string path, string target, FileStream file)
    {
        this.path = path;
        this.target = target;
        this.file = file;
    }

    /// <param name="target">An absolute path.</param>
    /// <exception cref="CommandException">The directory is not there, or something else than a file has the name.</exception>
    /// <exception cref="IOException">Another download has it open.</exception>
    public static PartialFile Open(string target, RemoteFile remote)
    {
        var directory = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(directory))
            throw new CommandException($"--output: the directory \"{Printable.Of(directory)}\" does not exist; create it first");
        var path = Path.Combine(directory, $".{remote.Digest.ToString()[..32]}.part");
        // In a directory that others may write to.
        if (EntryStatus.Of(path) is { Type: not EntryType.File })
            throw new CommandException($"\"{Printable.Of(path)}\" is not a regular file; remove it");
        // With the mode that the user's umask gives new files.
        var file = new FileStream(
            path,
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.None,
            bufferSize: 1 << 17,
            FileOptions.Asynchronous
        );
        if (file.Length > remote.Length)
            file.SetLength(0);
        return new PartialFile(path, target, file);
    }

    /// <summary>In bytes.</summary>
    public long Length => file.Length;

    /// <summary>Replaces what is after a position.</summary>
    public async Task WriteAsync(long position, Stream content, CancellationToken cancellationToken)
    {
        file.SetLength(position);
        file.Position = position;
        await content.CopyToAsync(file, cancellationToken);
    }

    /// <summary>Replaces all.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        file.SetLength(0);
        file.Position = 0;
        file.Write(content);
    }

    public void Clear() => file.SetLength(0);

    public async Task<Sha256Digest> HashAsync(CancellationToken cancellationToken)
    {
        file.Position = 0;
        return Sha256Digest.FromBytes(await SHA256.HashDataAsync(file, cancellationToken));
    }

    /// <summary>Makes it the target, durable, whole or not at all. An earlier target leaves its mode.</summary>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        await file.FlushAsync(cancellationToken);
        if (File.Exists(target))
            File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(target));
        RandomAccess.FlushToDisk(file.SafeFileHandle);
        File.Move(path, target, overwrite: true);
        isGone = true;
        DurableDirectory.Flush(Path.GetDirectoryName(target)!);
    }

    public async ValueTask DisposeAsync()
    {
        if (!isGone && file.Length == 0)
            File.Delete(path);
        await file.DisposeAsync();
    }
}

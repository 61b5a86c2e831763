using Builder.Posix;
using Builder.Storage.Files;

namespace Builder.Storage.Buckets;

/// <summary>
/// Copies of objects in the data directory, for what needs files. Of those that nobody has open the ones used last stay, up to a size. Who has one open
/// holds a shared lock on it, which other processes see too.
/// </summary>
internal sealed class LocalCopies(DataDirectory directory, long maxLength)
{
    private readonly Lock sweeping = new();
    private long added = long.MaxValue / 2;

    /// <summary>Null where <paramref name="fetch"/> finds nothing.</summary>
    /// <param name="name">Relative; the same bytes for ever.</param>
    /// <param name="fetch">Writes and checks it; false where there is no such thing.</param>
    public async Task<FileStream?> OpenAsync(
        string name,
        Func<FileStream, CancellationToken, Task<bool>> fetch,
        CancellationToken cancellationToken
    )
    {
        var path = Path.Combine(directory.Copies, name);
        if (TryOpen(path) is { } known)
        {
            // What was used last stays longest.
            TryTouch(path);
            return known;
        }
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        try
        {
            long length;
            await using (
                var file = PrivateFiles.Open(
                    unfinished,
                    FileMode.CreateNew,
                    FileAccess.ReadWrite,
                    FileShare.None,
                    bufferSize: 0,
                    FileOptions.Asynchronous
                )
            )
            {
                if (!await fetch(file, cancellationToken))
                    return null;
                length = file.Length;
            }
            var copy =
                TryOpen(unfinished) ?? throw new IOException($"{unfinished} is gone: does another program clean {directory.Copies}?");
            File.Move(unfinished, path, overwrite: true);
            Sweep(length);
            return copy;
        }
        finally
        {
            if (File.Exists(unfinished))
                File.Delete(unfinished);
        }
    }

    /// <summary>It changed or is gone in the bucket.</summary>
    public void Forget(string name)
    {
        var path = Path.Combine(directory.Copies, name);
        if (File.Exists(path))
            File.Delete(path);
    }

    public void ForgetFolder(string name)
    {
        var path = Path.Combine(directory.Copies, name);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // None, or being swept at this moment.
            return null;
        }
    }

    private static void TryTouch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is gone since it was opened, which does not matter to who has it open.
        }
    }

    /// <summary>Looks at the files only when a tenth of what may be there has come in since.</summary>
    private void Sweep(long length)
    {
        lock (sweeping)
        {
            added += length;
            if (added < maxLength / 10)
                return;
            added = 0;
            var total = 0L;
            var files = new DirectoryInfo(directory.Copies).EnumerateFiles("*", SearchOption.AllDirectories);
            foreach (var file in files.OrderByDescending(static file => file.LastWriteTimeUtc).ToList())
            {
                try
                {
                    total += file.Length;
                    if (total <= maxLength)
                        continue;
                    using var alone = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 0);
                    file.Delete();
                }
                catch (IOException)
                {
                    // In use, or another process was faster.
                }
            }
        }
    }
}

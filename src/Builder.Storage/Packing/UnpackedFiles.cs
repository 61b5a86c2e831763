using System.Collections.Concurrent;
using Builder.Analysis.Deltas;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Storage.Artifacts;
using Builder.Storage.Files;

namespace Builder.Storage.Packing;

/// <summary>
/// Contents that were made from their packed forms, kept as files for those who read them again: a download in ranges must not unpack the whole for each. The oldest go
/// when there are too many. Nothing is lost with them.
/// </summary>
internal sealed class UnpackedFiles(DataDirectory directory, ContentCheck check, TimeProvider clock)
{
    /// <summary>Of all of them together, in bytes.</summary>
    public const long MaxTotal = 512L << 20;

    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<Sha256Digest, DateTimeOffset> used = [];

    /// <summary>Null where it is not among them, or damaged: it can be made again.</summary>
    public async ValueTask<StoredContent?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var path = directory.OfUnpacked(digest);
        if (!File.Exists(path))
            return null;
        // Damage that was found while it was read may be this file's.
        if (check.Damaged.Contains(digest))
        {
            Remove(digest);
            return null;
        }
        try
        {
            var handle = File.OpenHandle(path, options: FileOptions.Asynchronous, share: FileShare.Read | FileShare.Delete);
            try
            {
                var chunks = await check.BeginAsync(handle, digest, cancellationToken);
                used[digest] = clock.GetUtcNow();
                var length = RandomAccess.GetLength(handle);
                return new StoredContent(new CheckedContentStream(handle, digest, length, chunks, check), length);
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        catch (DamagedContentException)
        {
            check.Forget(digest);
            Remove(digest);
            return null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Keeps it where there is room on the disk.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public void Add(Sha256Digest digest, NativeBytes content)
    {
        MakeRoom(content.Length);
        Write(directory.OfUnpacked(digest), content);
        used[digest] = clock.GetUtcNow();
        using var handle = File.OpenHandle(directory.OfUnpacked(digest));
        check.MarkRight(digest, handle);
    }

    public void Remove(Sha256Digest digest)
    {
        used.TryRemove(digest, out _);
        try
        {
            File.Delete(directory.OfUnpacked(digest));
        }
        catch (DirectoryNotFoundException)
        {
            // None was ever kept.
        }
    }

    internal static void Write(string path, NativeBytes content)
    {
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (var file = PrivateFiles.Open(unfinished, FileMode.CreateNew, bufferSize: 0))
                file.Write(content.Span);
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private void MakeRoom(long needed)
    {
        var folder = new DirectoryInfo(directory.Unpacked);
        if (!folder.Exists)
            return;
        var files = folder.GetFiles().Select(file => (File: file, Used: LastUse(file))).OrderBy(file => file.Used).ToList();
        var total = files.Sum(file => file.File.Length) + needed;
        foreach (var (file, last) in files)
        {
            var isAbandoned = !Sha256Digest.TryParse(file.Name, out var digest) && clock.GetUtcNow() - last > AbandonedAfter;
            if (total <= MaxTotal && !isAbandoned)
                continue;
            total -= file.Length;
            used.TryRemove(digest, out _);
            file.Delete();
        }
    }

    private DateTimeOffset LastUse(FileInfo file) =>
        Sha256Digest.TryParse(file.Name, out var digest) && used.TryGetValue(digest, out var last) ? last : file.LastWriteTimeUtc;
}

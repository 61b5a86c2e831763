using Builder.Analysis.Values;
using Builder.Storage.Files;
using Microsoft.Win32.SafeHandles;

namespace Builder.Storage.Artifacts;

/// <summary>Artifacts as files of the data directory.</summary>
internal sealed class FileArtifactStore(DataDirectory directory, DurableFiles files, ContentCheck check) : IArtifactStore
{
    public async ValueTask<StoredContent?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var path = directory.OfArtifact(digest);
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(
                path,
                options: FileOptions.Asynchronous | FileOptions.SequentialScan,
                share: FileShare.Read | FileShare.Delete
            );
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        try
        {
            var chunks = await check.BeginAsync(handle, digest, cancellationToken);
            var length = RandomAccess.GetLength(handle);
            return new StoredContent(new CheckedContentStream(handle, digest, length, chunks, check), length);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>A damaged one does not count: an upload of the same content replaces it.</summary>
    public ValueTask<bool> ExistsAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        ValueTask.FromResult(File.Exists(directory.OfArtifact(digest)) && !check.Damaged.Contains(digest));

    public ValueTask PublishAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken)
    {
        var path = directory.OfArtifact(digest);
        var existing = new FileInfo(path);
        // A damaged one is replaced by what was just uploaded.
        if (!existing.Exists || existing.Length != new FileInfo(stagedFile).Length || check.Damaged.Contains(digest))
        {
            files.CreateDirectory(Path.GetDirectoryName(path)!);
            files.Move(stagedFile, path);
            check.Forget(digest);
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        files.DeleteFile(directory.OfArtifact(digest));
        if (directory.OfChunks(digest) is var chunks && File.Exists(chunks))
            File.Delete(chunks);
        check.Forget(digest);
        return ValueTask.CompletedTask;
    }
}

namespace Builder.Storage.Artifacts;

/// <summary>Artifacts as files of the data directory.</summary>
internal sealed class FileArtifactStore(DataDirectory directory, DurableFiles files) : IArtifactStore
{
    public ValueTask<StoredContent?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var path = directory.OfArtifact(digest);
        try
        {
            var stream = new FileStream(path, new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            });
            return ValueTask.FromResult<StoredContent?>(new StoredContent(stream, stream.Length, path));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return ValueTask.FromResult<StoredContent?>(null);
        }
    }

    public ValueTask<bool> ExistsAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        ValueTask.FromResult(File.Exists(directory.OfArtifact(digest)));

    public ValueTask PublishAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken)
    {
        var path = directory.OfArtifact(digest);
        var existing = new FileInfo(path);
        // One of another length is damaged: the upload at hand mends it.
        if (!existing.Exists || existing.Length != new FileInfo(stagedFile).Length)
        {
            files.CreateDirectory(Path.GetDirectoryName(path)!);
            files.Move(stagedFile, path);
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        files.DeleteFile(directory.OfArtifact(digest));
        return ValueTask.CompletedTask;
    }
}

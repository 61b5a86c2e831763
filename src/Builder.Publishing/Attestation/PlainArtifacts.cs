using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Files;

namespace Builder.Publishing.Attestation;

/// <summary>Artifacts as files, unchecked: the signer hashes what it reads, and trusts no list of hashes that others can write.</summary>
internal sealed class PlainArtifacts(DataDirectory directory) : IArtifactStore
{
    public ValueTask<StoredContent?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileStream(
                directory.OfArtifact(digest),
                new FileStreamOptions
                {
                    Access = FileAccess.Read,
                    BufferSize = 0,
                    Share = FileShare.Read | FileShare.Delete,
                    Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                }
            );
            return ValueTask.FromResult<StoredContent?>(new StoredContent(file, file.Length));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return ValueTask.FromResult<StoredContent?>(null);
        }
    }

    public ValueTask<bool> ExistsAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        ValueTask.FromResult(File.Exists(directory.OfArtifact(digest)));

    public ValueTask PublishAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken) =>
        throw new NotSupportedException("the signer only reads");

    public ValueTask RemoveAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        throw new NotSupportedException("the signer only reads");
}

using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Files;

namespace Builder.Publishing.Attestation;

/// <summary>Contents and packed forms as files, unchecked.</summary>
internal sealed class PlainFiles(DataDirectory directory) : IArtifactStore
{
    public ValueTask<StoredContent?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Open(directory, digest));

    public static StoredContent? Open(DataDirectory directory, Sha256Digest digest)
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
            return new StoredContent(file, file.Length);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public ValueTask<bool> ExistsAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        ValueTask.FromResult(File.Exists(directory.OfArtifact(digest)));

    public ValueTask PublishAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken) =>
        throw new NotSupportedException("the signer only reads");

    public ValueTask RemoveAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        throw new NotSupportedException("the signer only reads");
}

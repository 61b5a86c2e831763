using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Packing;

namespace Builder.Publishing.Attestation;

/// <summary>
/// Artifacts as files, unchecked: the signer hashes what it reads, and trusts no list of hashes that others can write. Packed ones are made in memory, since the
/// signer writes nothing into the data directory.
/// </summary>
internal sealed class PlainArtifacts : IArtifactStore
{
    private readonly DataDirectory directory;
    private readonly ContentRebuilder rebuilder;

    public PlainArtifacts(DataDirectory directory, BuilderDatabase database)
    {
        this.directory = directory;
        rebuilder = new ContentRebuilder(database, new PlainFiles(directory));
    }

    public async ValueTask<StoredContent?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        if (PlainFiles.Open(directory, digest) is { } content)
            return content;
        return await rebuilder.RebuildAsync(digest, cancellationToken) is { } made
            ? new StoredContent(made.OpenStream(), made.Length)
            : null;
    }

    public async ValueTask<bool> ExistsAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var content = await OpenAsync(digest, cancellationToken);
        return content is not null;
    }

    public ValueTask PublishAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken) =>
        throw new NotSupportedException("the signer only reads");

    public ValueTask RemoveAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        throw new NotSupportedException("the signer only reads");
}

using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;

namespace Builder.Storage.Packing;

/// <summary>Patches as they are stored, for whoever has the base.</summary>
public sealed class StoredDeltas
{
    private readonly BuilderDatabase database;
    private readonly IArtifactStore stored;

    internal StoredDeltas(BuilderDatabase database, IArtifactStore stored) => (this.database, this.stored) = (database, stored);

    /// <summary>The patch (RFC 9842, dcz) that makes the content from this base; null where it is stored in another way.</summary>
    public async Task<StoredContent?> OpenAsync(Sha256Digest digest, Sha256Digest baseDigest, CancellationToken cancellationToken)
    {
        PackedContent? content;
        await using (var session = await database.OpenReadAsync(cancellationToken))
            content = await PackedRows.FindAsync(session, digest, cancellationToken);
        return content is { Object: { } packed } && content.Base == baseDigest ? await stored.OpenAsync(packed, cancellationToken) : null;
    }
}

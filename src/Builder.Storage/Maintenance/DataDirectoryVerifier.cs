using System.Runtime.CompilerServices;

namespace Builder.Storage.Maintenance;

/// <summary>
/// Compares every row with its files and every file with its rows, in constant memory, while others work: what looks wrong is looked
/// at again with the write lock held before it is reported.
/// </summary>
public sealed class DataDirectoryVerifier
{
    /// <summary>Where a repair puts what nothing needs.</summary>
    public const string LostFolder = "_lost";

    private readonly BuilderStorage storage;
    private readonly Verification verification;

    public DataDirectoryVerifier(BuilderStorage storage, bool repair, IProgress<VerificationProgress>? progress)
    {
        this.storage = storage;
        verification = new Verification(storage, repair, progress);
    }

    /// <summary>Everything that is wrong, as it is found.</summary>
    public async IAsyncEnumerable<Finding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        verification.Total = await CountAsync(cancellationToken);
        if (storage.Bucket is { } client)
        {
            var bucket = new BucketVerifier(verification, storage, client, TimeProvider.System.GetUtcNow());
            await foreach (var finding in bucket.VerifyAsync(cancellationToken))
                yield return finding;
            await foreach (var finding in new BuildVerifier(verification, bucket).VerifyAsync(cancellationToken))
                yield return finding;
            await foreach (var finding in TableConsistency.CheckAsync(storage.Database, verification.Repair, cancellationToken))
                yield return finding;
            yield break;
        }
        var artifacts = new ArtifactFileVerifier(verification);
        // What is misplaced comes first: it may be what a row misses.
        await foreach (var finding in artifacts.VerifyAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in new ArtifactRowVerifier(verification, artifacts.UnreadableFolders).VerifyAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in new PackedContentVerifier(verification, storage.PackedArtifacts).VerifyAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in new BuildFolderVerifier(verification).VerifyAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in new BuildVerifier(verification).VerifyAsync(cancellationToken))
            yield return finding;
        await foreach (var finding in TableConsistency.CheckAsync(storage.Database, verification.Repair, cancellationToken))
            yield return finding;
    }

    private async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        return await session.IntegerAsync(
            "SELECT (SELECT COUNT(DISTINCT sha256) FROM build_artifact) + (SELECT COUNT(*) FROM build)",
            cancellationToken
        );
    }
}

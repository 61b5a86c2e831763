using Builder.Objects.Transfer;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Buckets;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;
using Builder.Storage.Packing;

namespace Builder.Storage.Sweeping;

/// <summary>
/// Deletes objects that no row needs and that are older than a day: those of uploads whose process and data directory are gone. It looks at each again with
/// the write lock held, so that no upload comes to need one while it goes.
/// </summary>
public sealed class BucketSweeper
{
    private readonly BuilderDatabase database;
    private readonly ObjectClient client;
    private readonly IArtifactStore store;
    private readonly IBuildFiles buildFiles;

    internal BucketSweeper(BuilderDatabase database, ObjectClient client, IArtifactStore store, IBuildFiles buildFiles)
    {
        (this.database, this.client, this.store, this.buildFiles) = (database, client, store, buildFiles);
    }

    /// <param name="now">By the clock that the object store has.</param>
    /// <returns>How many were deleted.</returns>
    public async Task<int> SweepAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var oldest = now - BucketContents.Grace;
        return await SweepContentsAsync(oldest, cancellationToken)
            + await SweepBuildsAsync(oldest, cancellationToken)
            + await SweepUploadsAsync(oldest, cancellationToken);
    }

    private async Task<int> SweepContentsAsync(DateTimeOffset oldest, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var prefix in new[] { BucketKeys.Artifacts, BucketKeys.Chunks })
        {
            await foreach (var page in new BucketContents(client, database).PagesAsync(prefix, cancellationToken))
            {
                foreach (var (digest, info) in page.Objects)
                {
                    if (digest is not { } content || page.Rows.ContainsKey(content) || info.LastModified > oldest)
                        continue;
                    count += await database.WriteAsync(
                        async session =>
                        {
                            if (await PackedRows.IsNeededAsync(session, content, cancellationToken))
                                return 0;
                            await store.RemoveAsync(content, cancellationToken);
                            return 1;
                        },
                        cancellationToken
                    );
                }
            }
        }
        return count;
    }

    private async Task<int> SweepBuildsAsync(DateTimeOffset oldest, CancellationToken cancellationToken)
    {
        var count = 0;
        var before = "";
        await foreach (var info in client.ListAsync(BucketKeys.Builds, cancellationToken))
        {
            if (
                info.LastModified > oldest
                || info.Key.Split('/') is not [_, var job, var name, ..]
                || before == $"{job}/{name}"
                || !BuildUuid.TryParse(name, out var uuid)
            )
                continue;
            before = $"{job}/{name}";
            count += await database.WriteAsync(
                async session =>
                {
                    if (await BuildRows.ExistsAsync(session, uuid, cancellationToken))
                        return 0;
                    await buildFiles.RemoveAsync(before, cancellationToken);
                    return 1;
                },
                cancellationToken
            );
        }
        return count;
    }

    private async Task<int> SweepUploadsAsync(DateTimeOffset oldest, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var info in client.ListAsync(BucketKeys.Uploads, cancellationToken))
        {
            if (info.LastModified > oldest)
                continue;
            await client.DeleteAsync(info.Key, cancellationToken);
            count++;
        }
        return count;
    }
}

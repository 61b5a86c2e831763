using Builder.Analysis.Advisories;
using Builder.Analysis.Values;
using Builder.Protocol.Tracing;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Leases;

namespace Builder.Storage.Index;

/// <summary>
/// Enters what builds contain, in the order in which they were stored. Whoever is cut off goes on at the same build: each batch of builds and how far
/// the index is are one transaction.
/// </summary>
public sealed class PackageIndex(BuilderDatabase database, IArtifactStore store)
{
    private const int BuildsPerTransaction = 32;

    private readonly ContentReader reader = new(store);

    /// <summary>How many builds have no entry yet.</summary>
    public async Task<long> RemainingAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await IndexRows.RemainingAsync(session, cancellationToken);
    }

    /// <summary>Enters the next builds.</summary>
    /// <returns>How many; 0 when all have an entry.</returns>
    public Task<int> AdvanceAsync(CancellationToken cancellationToken) => AdvanceAsync(null, cancellationToken);

    /// <inheritdoc cref="AdvanceAsync(CancellationToken)"/>
    /// <param name="lease">Of the process that does it; null for a command.</param>
    /// <exception cref="LeaseLostException">Another process does it.</exception>
    public async Task<int> AdvanceAsync(WorkLease? lease, CancellationToken cancellationToken)
    {
        var (builds, known) = await NextAsync(cancellationToken);
        if (builds.Count == 0)
            return 0;
        using var spans = BackgroundSpans.Start(builds.Select(static build => build.Uuid), "index");
        // Reading artifacts takes long: not within the transaction.
        var read = new Dictionary<Sha256Digest, PackageSet>();
        foreach (var content in builds.SelectMany(static build => build.Contents).DistinctBy(static content => content.Hash))
        {
            if (!known.Contains(content.Hash) && await reader.ReadAsync(content, cancellationToken) is { } set)
                read.Add(content.Hash, set);
        }
        await database.WriteAsync(
            async session =>
            {
                if (lease is not null)
                    await lease.RequireAsync(session, cancellationToken);
                foreach (var build in builds)
                    await AddAsync(session, build, read, cancellationToken);
                await IndexRows.AdvanceAsync(session, builds[^1].Id, cancellationToken);
            },
            cancellationToken
        );
        return builds.Count;
    }

    private async Task<(List<IndexedBuild> Builds, HashSet<Sha256Digest> Known)> NextAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var builds = await IndexRows.NextAsync(session, BuildsPerTransaction, cancellationToken);
        var known = new HashSet<Sha256Digest>();
        foreach (var content in builds.SelectMany(static build => build.Contents))
        {
            if (await IndexRows.FindSetAsync(session, content.Hash, cancellationToken) is not null)
                known.Add(content.Hash);
        }
        return (builds, known);
    }

    private static async Task AddAsync(
        DatabaseSession session,
        IndexedBuild build,
        Dictionary<Sha256Digest, PackageSet> read,
        CancellationToken cancellationToken
    )
    {
        // Another process may have been here meanwhile, or the build may be gone.
        if (
            !await session.AnyAsync(
                "SELECT 1 FROM build WHERE id = @build AND id > (SELECT build FROM package_progress WHERE id = 1)",
                cancellationToken,
                ("@build", build.Id)
            )
        )
            return;
        var place = await IndexRows.PlaceAsync(session, build, cancellationToken);
        foreach (var content in build.Contents)
        {
            var set =
                await IndexRows.FindSetAsync(session, content.Hash, cancellationToken)
                ?? (
                    read.TryGetValue(content.Hash, out var packages)
                        ? await IndexRows.AddSetAsync(session, content, packages, cancellationToken)
                        : null
                );
            if (set is { } id)
                await IndexRows.AddUseAsync(session, id, place, build, cancellationToken);
        }
    }
}

using Builder.Storage.Database;

namespace Builder.Web.Find;

/// <summary>The latest builds and their sets, each asked for once for an answer.</summary>
internal sealed class LatestBuilds(DatabaseSession session, StartLimit limit, CancellationToken cancellationToken)
{
    private readonly Dictionary<long, LatestBuild> known = [];

    public async Task<IReadOnlyDictionary<long, LatestBuild>> OfAsync(IEnumerable<long> places)
    {
        var missing = places.Where(place => !known.ContainsKey(place)).Distinct().ToList();
        foreach (var (id, (job, platform)) in await PackageQueries.PlacesAsync(session, missing, cancellationToken))
        {
            var latest = await PackageQueries.LatestAsync(session, job, platform, limit, cancellationToken);
            known[id] = new LatestBuild(job, platform, latest?.Build, latest?.Sets ?? []);
        }
        return known;
    }
}

/// <param name="Build">Null where no build is here any more.</param>
internal sealed record LatestBuild(string Job, string Platform, SeenBuild? Build, HashSet<long> Sets);

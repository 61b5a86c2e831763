using Builder.Storage.Database;

namespace Builder.Web.Find;

/// <summary>
/// Which advisories apply to the latest build of each job and platform and were not dismissed. Worked out again only when a build was indexed or the
/// advisories changed.
/// </summary>
internal sealed class MatchedPlaces(AdvisoryFolder folder, ContentIndexing indexing) : IDisposable
{
    private readonly SemaphoreSlim working = new(1, 1);
    private volatile Known known = new("", []);

    /// <summary>Another one where the answer may be another.</summary>
    public string Variant => FindEndpoints.Variant(folder.Current, indexing);

    /// <summary>By job and platform; those to which nothing applies are missing.</summary>
    public async Task<IReadOnlyDictionary<(string Job, string Platform), IReadOnlyList<MatchedAdvisory>>> FindAsync(
        DatabaseSession session,
        StartLimit limit,
        CancellationToken cancellationToken
    )
    {
        if (known is var fresh && fresh.Variant == Variant)
            return fresh.ByPlace;
        await working.WaitAsync(cancellationToken);
        try
        {
            var list = folder.Current;
            var variant = FindEndpoints.Variant(list, indexing);
            if (known.Variant == variant)
                return known.ByPlace;
            var found = new Dictionary<(string, string), List<MatchedAdvisory>>();
            var latest = new LatestBuilds(session, limit, cancellationToken);
            foreach (var advisory in list.Advisories)
            {
                var places = await AdvisoryPlaces.FindAsync(session, advisory, list, latest, cancellationToken);
                foreach (var place in places.Places.Where(static place => place.Place.IsAffected && place.Dismissed is null))
                {
                    var key = (place.Place.Job, place.Place.Platform);
                    if (!found.TryGetValue(key, out var matched))
                        found[key] = matched = [];
                    if (!matched.Exists(one => one.Advisory.Id == advisory.Id))
                        matched.Add(new MatchedAdvisory(advisory, place));
                }
            }
            known = new Known(variant, found.ToDictionary(static one => one.Key, static one => (IReadOnlyList<MatchedAdvisory>)one.Value));
            return known.ByPlace;
        }
        finally
        {
            working.Release();
        }
    }

    public void Dispose() => working.Dispose();

    private sealed record Known(string Variant, Dictionary<(string Job, string Platform), IReadOnlyList<MatchedAdvisory>> ByPlace);
}

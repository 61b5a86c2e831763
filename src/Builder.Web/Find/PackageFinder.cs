using Builder.Analysis.Advisories;
using Builder.Storage.Database;

namespace Builder.Web.Find;

/// <summary>Answers where packages are, from the index.</summary>
internal static class PackageFinder
{
    public static async Task<PackageAnswer> FindAsync(
        DatabaseSession session,
        PackageExpression expression,
        LatestBuilds latestBuilds,
        CancellationToken cancellationToken
    )
    {
        var versions = (await PackageQueries.VersionsAsync(session, expression.Ecosystem, expression.Name, cancellationToken)).ToDictionary(
            static version => version.Id,
            static version => version.Version
        );
        var uses = await PackageQueries.UsesAsync(session, versions.Keys, cancellationToken);
        var latest = await latestBuilds.OfAsync(uses.Select(static use => use.Place));
        var wanted = versions
            .Where(version => expression.Contains(version.Value.Length == 0 ? null : version.Value))
            .Select(static version => version.Key)
            .ToHashSet();
        var byVersion = Comparer<string>.Create((left, right) => EcosystemVersion.Compare(expression.Ecosystem, left, right));
        return new PackageAnswer(
            expression,
            [
                .. uses.GroupBy(static use => use.Package)
                    .Select(group => Count(versions[group.Key], group.ToList(), latest))
                    .OrderByDescending(static count => count.Version, byVersion),
            ],
            await PlacesAsync(session, [.. uses.Where(use => wanted.Contains(use.Package))], versions, latest, byVersion, cancellationToken)
        );
    }

    /// <summary>Where any of these versions is: what an advisory asks.</summary>
    public static async Task<IReadOnlyList<PackagePlace>> FindAsync(
        DatabaseSession session,
        AffectedPackage affected,
        LatestBuilds latestBuilds,
        CancellationToken cancellationToken
    )
    {
        var versions = (await PackageQueries.VersionsAsync(session, affected.Ecosystem, affected.Name, cancellationToken))
            .Where(version => affected.Contains(version.Version.Length == 0 ? null : version.Version))
            .ToDictionary(static version => version.Id, static version => version.Version);
        if (versions.Count == 0)
            return [];
        var uses = await PackageQueries.UsesAsync(session, versions.Keys, cancellationToken);
        return await PlacesAsync(session, uses, versions, affected.Ecosystem, latestBuilds, cancellationToken);
    }

    private static PackageVersionCount Count(string version, List<PackageUse> uses, IReadOnlyDictionary<long, LatestBuild> latest) =>
        new(
            version,
            uses.Where(use => latest[use.Place].Sets.Contains(use.Set)).Select(static use => use.Place).Distinct().Count(),
            uses.Sum(static use => use.Builds),
            uses.Select(static use => use.Last).MaxBy(static build => build.Started)!
        );

    /// <summary>Where something without versions is.</summary>
    public static Task<IReadOnlyList<PackagePlace>> PlacesAsync(
        DatabaseSession session,
        List<PackageUse> uses,
        Ecosystem ecosystem,
        LatestBuilds latestBuilds,
        CancellationToken cancellationToken
    ) =>
        PlacesAsync(
            session,
            uses,
            uses.Select(static use => use.Package).Distinct().ToDictionary(static id => id, static _ => ""),
            ecosystem,
            latestBuilds,
            cancellationToken
        );

    private static async Task<IReadOnlyList<PackagePlace>> PlacesAsync(
        DatabaseSession session,
        List<PackageUse> uses,
        Dictionary<long, string> versions,
        Ecosystem ecosystem,
        LatestBuilds latestBuilds,
        CancellationToken cancellationToken
    )
    {
        var latest = await latestBuilds.OfAsync(uses.Select(static use => use.Place));
        var byVersion = Comparer<string>.Create((left, right) => EcosystemVersion.Compare(ecosystem, left, right));
        return await PlacesAsync(session, uses, versions, latest, byVersion, cancellationToken);
    }

    private static async Task<IReadOnlyList<PackagePlace>> PlacesAsync(
        DatabaseSession session,
        List<PackageUse> uses,
        Dictionary<long, string> versions,
        IReadOnlyDictionary<long, LatestBuild> latest,
        Comparer<string> byVersion,
        CancellationToken cancellationToken
    )
    {
        var places = new List<PackagePlace>();
        foreach (var group in uses.GroupBy(static use => use.Place))
        {
            var place = latest[group.Key];
            var lastAffected = group.MaxBy(static use => use.Last.Started)!;
            var latestVersions = Versions(group.Where(use => place.Sets.Contains(use.Set)));
            places.Add(
                new PackagePlace(
                    place.Job,
                    place.Platform,
                    Versions(group),
                    place.Build,
                    latestVersions,
                    lastAffected.Last,
                    latestVersions.Count > 0
                        ? null
                        : await PackageQueries.FirstAfterAsync(session, group.Key, lastAffected.Kind, lastAffected.Last, cancellationToken),
                    group.DistinctBy(static use => use.Set).Sum(static use => use.Builds)
                )
            );
        }
        return
        [
            .. places
                .OrderBy(static place => !place.IsAffected)
                .ThenBy(static place => place.Job, StringComparer.Ordinal)
                .ThenBy(static place => place.Platform, StringComparer.Ordinal),
        ];

        List<string> Versions(IEnumerable<PackageUse> some) =>
            [.. some.Select(use => versions[use.Package]).Distinct(StringComparer.Ordinal).Order(byVersion)];
    }
}

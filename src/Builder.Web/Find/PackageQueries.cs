using Builder.Analysis.Advisories;
using Builder.Storage.Database;
using Builder.Storage.Index;
using Builder.Storage.Values;

namespace Builder.Web.Find;

/// <summary>What the index of contents is asked.</summary>
internal static class PackageQueries
{
    private const int MaxVersions = 10_000;

    /// <summary>The versions of a package that any build had.</summary>
    public static Task<List<(long Id, string Version)>> VersionsAsync(
        DatabaseSession session,
        Ecosystem ecosystem,
        string name,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            "SELECT id, version FROM package WHERE ecosystem = @ecosystem AND name = @name LIMIT @most",
            static row => (row.Integer(0), row.Text(1)),
            cancellationToken,
            ("@ecosystem", (long)ecosystem),
            ("@name", name),
            ("@most", MaxVersions)
        );

    /// <summary>Names that begin so, in order.</summary>
    public static Task<List<string>> NamesAsync(
        DatabaseSession session,
        Ecosystem ecosystem,
        string prefix,
        int most,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            """
            SELECT DISTINCT name FROM package
            WHERE ecosystem = @ecosystem AND name >= @prefix AND name < @end
            ORDER BY name
            LIMIT @most
            """,
            static row => row.Text(0),
            cancellationToken,
            ("@ecosystem", (long)ecosystem),
            ("@prefix", prefix),
            ("@end", prefix + "\U0010FFFF"),
            ("@most", most)
        );

    public static async Task<List<PackageUse>> UsesAsync(
        DatabaseSession session,
        IEnumerable<long> packages,
        CancellationToken cancellationToken
    )
    {
        var uses = new List<PackageUse>();
        foreach (var parameters in SqlValues.Pieces(packages, none: -1L))
        {
            uses.AddRange(
                await session.QueryAsync(
                    $"""
                    SELECT package_member.package, package_member.way, package_use.package_set, package_set.kind, package_use.place, package_use.builds,
                      package_use.first_uuid, package_use.first_d, package_use.first_ps, package_use.last_uuid, package_use.last_d, package_use.last_ps
                    FROM package_member
                    JOIN package_set ON package_set.id = package_member.package_set
                    JOIN package_use ON package_use.package_set = package_member.package_set
                    WHERE package_member.package IN ({SqlValues.List})
                    """,
                    static row => new PackageUse(
                        row.Integer(0),
                        (PackageWay)row.Integer(1),
                        row.Integer(2),
                        row.Integer(3),
                        row.Integer(4),
                        row.Integer(5),
                        new SeenBuild(row.Uuid(6), row.Timestamp(7)),
                        new SeenBuild(row.Uuid(9), row.Timestamp(10))
                    ),
                    cancellationToken,
                    parameters
                )
            );
        }
        return uses;
    }

    /// <summary>Where sets are, whatever is in them.</summary>
    public static async Task<List<PackageUse>> UsesOfSetsAsync(
        DatabaseSession session,
        IEnumerable<long> sets,
        CancellationToken cancellationToken
    )
    {
        var uses = new List<PackageUse>();
        foreach (var parameters in SqlValues.Pieces(sets, none: -1L))
        {
            uses.AddRange(
                await session.QueryAsync(
                    $"""
                    SELECT package_use.package_set, package_set.kind, package_use.place, package_use.builds,
                      package_use.first_uuid, package_use.first_d, package_use.first_ps, package_use.last_uuid, package_use.last_d, package_use.last_ps
                    FROM package_use
                    JOIN package_set ON package_set.id = package_use.package_set
                    WHERE package_use.package_set IN ({SqlValues.List})
                    """,
                    static row => new PackageUse(
                        0,
                        PackageWay.Linked,
                        row.Integer(0),
                        row.Integer(1),
                        row.Integer(2),
                        row.Integer(3),
                        new SeenBuild(row.Uuid(4), row.Timestamp(5)),
                        new SeenBuild(row.Uuid(7), row.Timestamp(8))
                    ),
                    cancellationToken,
                    parameters
                )
            );
        }
        return uses;
    }

    public static async Task<Dictionary<long, (string Job, string Platform)>> PlacesAsync(
        DatabaseSession session,
        IEnumerable<long> places,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<long, (string Job, string Platform)>();
        foreach (var parameters in SqlValues.Pieces(places, none: -1L))
        {
            foreach (
                var (id, job, platform) in await session.QueryAsync(
                    $"SELECT id, job, platform FROM package_place WHERE id IN ({SqlValues.List})",
                    static row => (row.Integer(0), row.Text(1), row.Text(2)),
                    cancellationToken,
                    parameters
                )
            )
                found[id] = (job, platform);
        }
        return found;
    }

    /// <summary>The latest successful build that is here, and its sets.</summary>
    public static async Task<(SeenBuild Build, HashSet<long> Sets)?> LatestAsync(
        DatabaseSession session,
        string job,
        string platform,
        StartLimit limit,
        CancellationToken cancellationToken
    )
    {
        var latest = await session.QueryFirstAsync(
            $"""
            SELECT build.id, build.uuid, build.start_d, build.start_ps
            FROM build
            WHERE build.job = (SELECT job.id FROM job WHERE job.name = @job) AND build.platform = @platform
              AND build.main_binary IS NOT NULL AND {StartLimit.Holds()}
            ORDER BY build.start_d DESC, build.start_ps DESC
            LIMIT 1
            """,
            static row => ((BuildId Id, SeenBuild Build)?)(row.BuildId(0), new SeenBuild(row.Uuid(1), row.Timestamp(2))),
            cancellationToken,
            [("@job", job), ("@platform", platform), .. limit.Parameters]
        );
        if (latest is not { } found)
            return null;
        return (found.Build, [.. (await SetsAsync(session, found.Id, cancellationToken)).Select(static set => set.Id)]);
    }

    /// <summary>The sets of a build that is here.</summary>
    public static Task<List<(long Id, ContentKind Kind)>> SetsAsync(
        DatabaseSession session,
        BuildId build,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            """
            SELECT package_set.id, package_set.kind
            FROM build_artifact
            JOIN package_set ON package_set.sha256 = build_artifact.sha256
            WHERE build_artifact.build = @build
            """,
            static row => (row.Integer(0), (ContentKind)row.Integer(1)),
            cancellationToken,
            ("@build", build)
        );

    /// <summary>The packages of a set.</summary>
    public static Task<List<ContainedPackage>> MembersAsync(DatabaseSession session, long set, CancellationToken cancellationToken) =>
        session.QueryAsync(
            """
            SELECT package.ecosystem, package.name, package.version, package_member.way
            FROM package_member
            JOIN package ON package.id = package_member.package
            WHERE package_member.package_set = @set
            """,
            static row => new ContainedPackage(
                (Ecosystem)row.Integer(0),
                row.Text(1),
                row.Text(2) is { Length: > 0 } version ? version : null,
                (PackageWay)row.Integer(3)
            ),
            cancellationToken,
            ("@set", set)
        );

    /// <summary>The first build of a place, with a set of the kind, after a moment.</summary>
    public static Task<SeenBuild?> FirstAfterAsync(
        DatabaseSession session,
        long place,
        long kind,
        SeenBuild after,
        CancellationToken cancellationToken
    ) =>
        session.QueryFirstAsync(
            """
            SELECT package_use.first_uuid, package_use.first_d, package_use.first_ps
            FROM package_use
            JOIN package_set ON package_set.id = package_use.package_set
            WHERE package_use.place = @place AND (package_use.first_d, package_use.first_ps) > (@d, @ps) AND package_set.kind = @kind
            ORDER BY package_use.first_d, package_use.first_ps
            LIMIT 1
            """,
            static row => (SeenBuild?)new SeenBuild(row.Uuid(0), row.Timestamp(1)),
            cancellationToken,
            ("@place", place),
            ("@kind", kind),
            ("@d", after.Started.Days),
            ("@ps", after.Started.PicosecondsOfDay)
        );
}

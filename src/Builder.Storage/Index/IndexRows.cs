using Builder.Analysis.Advisories;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Index;

/// <summary>The rows of the index, within a write transaction.</summary>
internal static class IndexRows
{
    /// <summary>Builds without an entry, the oldest first. Builds get rising ids, so one number says how far the index is.</summary>
    public static async Task<List<IndexedBuild>> NextAsync(DatabaseSession session, int most, CancellationToken cancellationToken)
    {
        var builds = await session.QueryAsync(
            """
            SELECT build.id, build.uuid, job.name, build.platform, build.start_d, build.start_ps
            FROM build
            JOIN job ON job.id = build.job
            WHERE build.id > (SELECT build FROM package_progress WHERE id = 1)
            ORDER BY build.id
            LIMIT @most
            """,
            static row => new IndexedBuild(row.BuildId(0), row.Uuid(1), row.Text(2), row.Text(3), row.Timestamp(4), []),
            cancellationToken,
            ("@most", most)
        );
        var whole = new List<IndexedBuild>(builds.Count);
        foreach (var build in builds)
            whole.Add(build with { Contents = await ContentsAsync(session, build.Id, cancellationToken) });
        return whole;
    }

    /// <summary>Builds that have no entry yet.</summary>
    public static Task<long> RemainingAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.IntegerAsync("SELECT COUNT(*) FROM build WHERE id > (SELECT build FROM package_progress WHERE id = 1)", cancellationToken);

    public static Task<long?> FindSetAsync(DatabaseSession session, Sha256Digest hash, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            "SELECT id FROM package_set WHERE sha256 = @hash",
            static row => (long?)row.Integer(0),
            cancellationToken,
            ("@hash", hash)
        );

    public static async Task<long> AddSetAsync(
        DatabaseSession session,
        IndexedContent content,
        PackageSet set,
        CancellationToken cancellationToken
    )
    {
        var id = await session.IntegerAsync(
            "INSERT INTO package_set (sha256, kind, problem) VALUES (@hash, @kind, @problem) RETURNING id",
            cancellationToken,
            ("@hash", content.Hash),
            ("@kind", (long)content.Kind),
            ("@problem", ContentReader.Problem(set))
        );
        await AddMembersAsync(session, id, set.Packages, cancellationToken);
        return id;
    }

    public static async Task AddMembersAsync(
        DatabaseSession session,
        long set,
        IEnumerable<ContainedPackage> packages,
        CancellationToken cancellationToken
    )
    {
        foreach (var package in packages)
        {
            var packageId = await PackageAsync(session, package, cancellationToken);
            await session.ExecuteAsync(
                "INSERT INTO package_member (package, package_set, way) VALUES (@package, @set, @way) ON CONFLICT DO NOTHING",
                cancellationToken,
                ("@package", packageId),
                ("@set", set),
                ("@way", (long)package.Way)
            );
        }
    }

    public static async Task<long> PlaceAsync(DatabaseSession session, IndexedBuild build, CancellationToken cancellationToken) =>
        await session.QueryFirstAsync(
            "SELECT id FROM package_place WHERE job = @job AND platform = @platform",
            static row => (long?)row.Integer(0),
            cancellationToken,
            ("@job", build.Job),
            ("@platform", build.Platform)
        )
        ?? await session.IntegerAsync(
            "INSERT INTO package_place (job, platform) VALUES (@job, @platform) RETURNING id",
            cancellationToken,
            ("@job", build.Job),
            ("@platform", build.Platform)
        );

    public static async Task AddUseAsync(
        DatabaseSession session,
        long set,
        long place,
        IndexedBuild build,
        CancellationToken cancellationToken
    )
    {
        const string IsEarlier = "(excluded.first_d, excluded.first_ps) < (package_use.first_d, package_use.first_ps)";
        const string IsLater = "(excluded.last_d, excluded.last_ps) >= (package_use.last_d, package_use.last_ps)";
        await session.ExecuteAsync(
            $"""
            INSERT INTO package_use (package_set, place, builds, first_uuid, first_d, first_ps, last_uuid, last_d, last_ps)
            VALUES (@set, @place, 1, @uuid, @d, @ps, @uuid, @d, @ps)
            ON CONFLICT (package_set, place) DO UPDATE SET
                builds = package_use.builds + 1,
                first_uuid = CASE WHEN {IsEarlier} THEN excluded.first_uuid ELSE package_use.first_uuid END,
                first_d = CASE WHEN {IsEarlier} THEN excluded.first_d ELSE package_use.first_d END,
                first_ps = CASE WHEN {IsEarlier} THEN excluded.first_ps ELSE package_use.first_ps END,
                last_uuid = CASE WHEN {IsLater} THEN excluded.last_uuid ELSE package_use.last_uuid END,
                last_d = CASE WHEN {IsLater} THEN excluded.last_d ELSE package_use.last_d END,
                last_ps = CASE WHEN {IsLater} THEN excluded.last_ps ELSE package_use.last_ps END
            """,
            cancellationToken,
            ("@set", set),
            ("@place", place),
            ("@uuid", build.Uuid),
            ("@d", build.Started.Days),
            ("@ps", build.Started.PicosecondsOfDay)
        );
    }

    public static Task AdvanceAsync(DatabaseSession session, BuildId build, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            "UPDATE package_progress SET build = @build WHERE id = 1 AND build < @build",
            cancellationToken,
            ("@build", build)
        );

    private static async Task<long> PackageAsync(DatabaseSession session, ContainedPackage package, CancellationToken cancellationToken)
    {
        SqlParameter[] key =
        [
            ("@ecosystem", (long)package.Ecosystem),
            ("@name", StoredText.FromBytes(ByteString.FromUtf8(package.Name))),
            ("@version", StoredText.FromBytes(ByteString.FromUtf8(package.Version ?? ""))),
        ];
        return await session.QueryFirstAsync(
                "SELECT id FROM package WHERE ecosystem = @ecosystem AND name = @name AND version = @version",
                static row => (long?)row.Integer(0),
                cancellationToken,
                key
            )
            ?? await session.IntegerAsync(
                "INSERT INTO package (ecosystem, name, version) VALUES (@ecosystem, @name, @version) RETURNING id",
                cancellationToken,
                key
            );
    }

    private static async Task<List<IndexedContent>> ContentsAsync(
        DatabaseSession session,
        BuildId build,
        CancellationToken cancellationToken
    )
    {
        var contents = await session.QueryAsync(
            """
            SELECT CASE filepath WHEN 'opam-switch' THEN 0 WHEN 'system-packages' THEN 1 ELSE 2 END, sha256, size
            FROM build_artifact
            WHERE build = @build AND filepath IN ('opam-switch', 'system-packages', 'build-inputs')
            """,
            static row => new IndexedContent((ContentKind)row.Integer(0), row.Digest(1), row.Integer(2)),
            cancellationToken,
            ("@build", build)
        );
        var binaries = await session.QueryAsync(
            """
            SELECT build_artifact.filepath, CASE WHEN build.main_binary = build_artifact.id THEN 1 ELSE 0 END, build_artifact.sha256, build_artifact.size
            FROM build
            JOIN build_artifact ON build_artifact.build = build.id
            WHERE build.id = @build AND (build_artifact.id = build.main_binary OR build_artifact.filepath LIKE '%.debug')
            """,
            static row =>
                (
                    Path: row.Text(0),
                    IsMain: row.Integer(1) == 1,
                    Content: new IndexedContent(ContentKind.MainBinary, row.Digest(2), row.Integer(3))
                ),
            cancellationToken,
            ("@build", build)
        );
        if (binaries.Find(static binary => binary.IsMain) is { Path: not null } main)
        {
            contents.Add(main.Content);
            // Unikernels are stripped; the file beside them has the symbols.
            var symbols = FileName(main.Path) + ".debug";
            contents.AddRange(binaries.Where(binary => FileName(binary.Path) == symbols).Select(static binary => binary.Content));
        }
        return [.. contents.DistinctBy(static content => content.Hash)];
    }

    private static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];
}

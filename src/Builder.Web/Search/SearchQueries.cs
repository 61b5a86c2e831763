using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Web.Builds;

namespace Builder.Web.Search;

internal static class SearchQueries
{
    /// <summary>The newest build that has an artifact with this content.</summary>
    public static Task<NewestBuild?> NewestAsync(DatabaseSession session, Sha256Digest hash, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            """
            SELECT job.name, build.uuid, build.start_d, build.start_ps FROM build_artifact
            JOIN build ON build.id = build_artifact.build
            JOIN job ON job.id = build.job
            WHERE build_artifact.sha256 = @hash
            ORDER BY build.start_d DESC, build.start_ps DESC
            LIMIT 1
            """,
            Newest,
            cancellationToken,
            ("@hash", hash)
        );

    /// <summary>The same among the rows of build_artifact that came after one of them.</summary>
    public static Task<NewestBuild?> NewestSinceAsync(
        DatabaseSession session,
        Sha256Digest hash,
        long row,
        CancellationToken cancellationToken
    ) =>
        session.QueryFirstAsync(
            """
            SELECT job.name, build.uuid, build.start_d, build.start_ps FROM build_artifact
            JOIN build ON build.id = build_artifact.build
            JOIN job ON job.id = build.job
            WHERE build_artifact.sha256 = @hash AND build_artifact.id > @row
            ORDER BY build.start_d DESC, build.start_ps DESC
            LIMIT 1
            """,
            Newest,
            cancellationToken,
            ("@hash", hash),
            ("@row", row)
        );

    /// <summary>Builds whose uuid lies between two, in order.</summary>
    public static Task<List<FoundBuild>> UuidsBetweenAsync(
        DatabaseSession session,
        BuildUuid first,
        BuildUuid last,
        int most,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            """
            SELECT job.name, build.uuid FROM build
            JOIN job ON job.id = build.job
            WHERE build.uuid >= @first AND build.uuid <= @last
            ORDER BY build.uuid
            LIMIT @most
            """,
            static row => new FoundBuild(row.Text(0), row.Uuid(1)),
            cancellationToken,
            ("@first", first),
            ("@last", last),
            ("@most", most)
        );

    /// <summary>Different contents between two, in order: from one to the next through the index, since thousands of builds may share each.</summary>
    public static Task<List<Sha256Digest>> HashesBetweenAsync(
        DatabaseSession session,
        Sha256Digest first,
        Sha256Digest last,
        int most,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            """
            WITH RECURSIVE place(sha256) AS (
              SELECT (SELECT build_artifact.sha256 FROM build_artifact WHERE build_artifact.sha256 >= @first AND build_artifact.sha256 <= @last ORDER BY build_artifact.sha256 LIMIT 1)
              UNION ALL
              SELECT (SELECT build_artifact.sha256 FROM build_artifact WHERE build_artifact.sha256 > place.sha256 AND build_artifact.sha256 <= @last ORDER BY build_artifact.sha256 LIMIT 1)
              FROM place
              WHERE place.sha256 IS NOT NULL
            )
            SELECT sha256 FROM place WHERE sha256 IS NOT NULL
            LIMIT @most
            """,
            static row => row.Digest(0),
            cancellationToken,
            ("@first", first),
            ("@last", last),
            ("@most", most)
        );

    private static NewestBuild Newest(Row row) => new(new FoundBuild(row.Text(0), row.Uuid(1)), row.Timestamp(2));
}

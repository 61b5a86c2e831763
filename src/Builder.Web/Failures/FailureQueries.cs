using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Web.Failures;

/// <summary>Builds without a main binary, newest first.</summary>
internal static class FailureQueries
{
    public static Task<List<Failure>> PageAsync(
        DatabaseSession session,
        string? platform,
        long start,
        long count,
        CancellationToken cancellationToken
    ) =>
        platform is null
            ? session.QueryAsync(
                $"""
                SELECT job.name, build.uuid, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps, {StoredResult.Columns}
                FROM build
                JOIN job ON job.id = build.job
                WHERE build.main_binary IS NULL
                ORDER BY build.start_d DESC, build.start_ps DESC
                LIMIT @count OFFSET @start
                """,
                Read,
                cancellationToken,
                ("@count", count),
                ("@start", start)
            )
            : session.QueryAsync(
                $"""
                SELECT job.name, build.uuid, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps, {StoredResult.Columns}
                FROM build
                JOIN job ON job.id = build.job
                WHERE build.main_binary IS NULL AND build.platform = @platform
                ORDER BY build.start_d DESC, build.start_ps DESC
                LIMIT @count OFFSET @start
                """,
                Read,
                cancellationToken,
                ("@count", count),
                ("@start", start),
                ("@platform", platform)
            );

    /// <summary>Platforms that have failures, by walking from one to the next through the index.</summary>
    public static Task<List<string>> PlatformsAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.QueryAsync(
            """
            WITH RECURSIVE place(platform) AS (
              SELECT MIN(platform) FROM build WHERE main_binary IS NULL
              UNION ALL
              SELECT (SELECT MIN(build.platform) FROM build WHERE build.main_binary IS NULL AND build.platform > place.platform)
              FROM place
              WHERE place.platform IS NOT NULL
            )
            SELECT platform FROM place WHERE platform IS NOT NULL
            """,
            static row => row.Text(0),
            cancellationToken
        );

    private static Failure Read(Row row) => new(row.Text(0), row.Uuid(1), row.Text(2), row.Timestamp(3), row.Timestamp(5), row.Result(7));
}

public sealed record Failure(string Job, BuildUuid Uuid, string Platform, Timestamp Started, Timestamp Finished, ExecutionResult Result);

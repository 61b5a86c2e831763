using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Failures;
using Builder.Storage.Values;

namespace Builder.Web.Failures;

/// <summary>Builds without a main binary, newest first.</summary>
internal static class FailureQueries
{
    private const string Select = $"""
        SELECT job.name, build.uuid, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps, {StoredResult.Columns}, {FailureRows.Columns}
        """;

    /// <summary>Behind those of the result.</summary>
    private const int ErrorColumn = 10;

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
                {Select}
                FROM build
                JOIN job ON job.id = build.job
                LEFT JOIN failure ON failure.build = build.id
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
                {Select}
                FROM build
                JOIN job ON job.id = build.job
                LEFT JOIN failure ON failure.build = build.id
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

    /// <summary>Those with that first error, the last stored first.</summary>
    public static Task<List<Failure>> OfErrorAsync(
        DatabaseSession session,
        string fingerprint,
        long start,
        long count,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"""
            {Select}
            FROM failure
            JOIN build ON build.id = failure.build
            JOIN job ON job.id = build.job
            WHERE failure.fingerprint = @fingerprint
            ORDER BY failure.build DESC
            LIMIT @count OFFSET @start
            """,
            Read,
            cancellationToken,
            ("@fingerprint", fingerprint),
            ("@count", count),
            ("@start", start)
        );

    /// <summary>Builds with that first error, counted no further than to the most.</summary>
    public static Task<long> CountAsync(DatabaseSession session, string fingerprint, int most, CancellationToken cancellationToken) =>
        session.IntegerAsync(
            "SELECT COUNT(*) FROM (SELECT 1 FROM failure WHERE fingerprint = @fingerprint LIMIT @most) AS same",
            cancellationToken,
            ("@fingerprint", fingerprint),
            ("@most", most)
        );

    /// <summary>The first failure of a job on a platform after that time; of all where none is said. Null where there is none.</summary>
    public static Task<FirstFailure?> FirstSinceAsync(
        DatabaseSession session,
        JobId job,
        string platform,
        Timestamp? good,
        CancellationToken cancellationToken
    ) =>
        session.QueryFirstAsync(
            """
            SELECT build.id, build.uuid, build.start_d, build.start_ps FROM build
            WHERE build.job = @job AND build.platform = @platform AND build.main_binary IS NULL AND (build.start_d, build.start_ps) > (@day, @time)
            ORDER BY build.start_d, build.start_ps
            LIMIT 1
            """,
            static row => new FirstFailure(row.BuildId(0), row.Uuid(1), row.Timestamp(2)),
            cancellationToken,
            ("@job", job),
            ("@platform", platform),
            ("@day", good?.Days ?? long.MinValue),
            ("@time", good?.PicosecondsOfDay ?? 0L)
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

    private static Failure Read(Row row) =>
        new(row.Text(0), row.Uuid(1), row.Text(2), row.Timestamp(3), row.Timestamp(5), row.Result(7))
        {
            Error = FailureRows.Read(row, ErrorColumn),
        };
}

public sealed record Failure(string Job, BuildUuid Uuid, string Platform, Timestamp Started, Timestamp Finished, ExecutionResult Result)
{
    /// <summary>Null where nothing in the console looks like an error, or it was not searched yet.</summary>
    public StoredFailure? Error { get; init; }
}

internal sealed record FirstFailure(BuildId Id, BuildUuid Uuid, Timestamp Started);

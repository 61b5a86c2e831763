using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Failures;
using Builder.Storage.Values;
using Builder.Web.Html;

namespace Builder.Web.Feeds;

/// <summary>What feeds ask of the database.</summary>
internal static class FeedQueries
{
    /// <summary>Of the builds that were stored last some may have been removed.</summary>
    private const int MaxLookedAt = 1000;

    private const string Select = $"""
        SELECT build.id, build.job, job.name, build.uuid, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps,
          build.input_id, build.main_sha256, main.size, {StoredResult.Columns}, {FailureRows.Columns}
        FROM build
        JOIN job ON job.id = build.job
        LEFT JOIN build_artifact AS main ON main.id = build.main_binary
        LEFT JOIN failure ON failure.build = build.id
        """;

    /// <summary>The builds that were stored last, the last first; of one job the newest by their start.</summary>
    public static Task<List<FeedBuild>> NewestAsync(DatabaseSession session, JobId? job, int count, CancellationToken cancellationToken) =>
        job is null
            ? session.QueryAsync(
                $"""
                {Select}
                WHERE build.id > (SELECT COALESCE(MAX(id), 0) - {MaxLookedAt} FROM build)
                ORDER BY build.id DESC
                LIMIT @count
                """,
                Read,
                cancellationToken,
                ("@count", count)
            )
            : session.QueryAsync(
                $"{Select} WHERE build.job = @job ORDER BY build.start_d DESC, build.start_ps DESC LIMIT @count",
                Read,
                cancellationToken,
                ("@job", job),
                ("@count", count)
            );

    /// <summary>The build of the same job on the same platform that started before.</summary>
    public static async Task<FeedBuild?> BeforeAsync(DatabaseSession session, FeedBuild build, CancellationToken cancellationToken)
    {
        SqlParameter[] parameters =
        [
            ("@job", build.JobId),
            ("@platform", build.Platform),
            ("@day", build.Started.Days),
            ("@time", build.Started.PicosecondsOfDay),
        ];
        // By two indexes: each holds one kind of builds.
        var good = await LatestAsync("IS NOT NULL");
        var bad = await LatestAsync("IS NULL");
        return good is null || (bad is not null && bad.Started > good.Started) ? bad : good;

        Task<FeedBuild?> LatestAsync(string main) =>
            session.QueryFirstAsync(
                $"""
                {Select}
                WHERE build.job = @job AND build.platform = @platform AND build.main_binary {main} AND (build.start_d, build.start_ps) < (@day, @time)
                ORDER BY build.start_d DESC, build.start_ps DESC
                LIMIT 1
                """,
                Read,
                cancellationToken,
                parameters
            );
    }

    /// <summary>Whether the same inputs gave another main binary in a build that was stored before.</summary>
    public static Task<bool> HasOtherOutputAsync(DatabaseSession session, FeedBuild build, CancellationToken cancellationToken) =>
        session.AnyAsync(
            """
            SELECT 1 FROM build
            WHERE job = @job AND input_id = @input AND main_sha256 <> @output AND id < @build
            LIMIT 1
            """,
            cancellationToken,
            ("@job", build.JobId),
            ("@input", build.InputId),
            ("@output", build.Output),
            ("@build", build.Id)
        );

    private static FeedBuild Read(Row row) =>
        new(
            row.BuildId(0),
            row.JobId(1),
            row.Text(2),
            row.Uuid(3),
            row.Text(4),
            row.Timestamp(5),
            row.Timestamp(7),
            row.DigestOrNull(9),
            row.DigestOrNull(10),
            row.IntegerOrNull(11),
            row.Result(12),
            FailureRows.Read(row, 15)
        );
}

/// <param name="Output">Hash of the main binary; null where the build failed.</param>
/// <param name="Size">Of the main binary, in bytes.</param>
internal sealed record FeedBuild(
    BuildId Id,
    JobId JobId,
    string Job,
    BuildUuid Uuid,
    string Platform,
    Timestamp Started,
    Timestamp Finished,
    Sha256Digest? InputId,
    Sha256Digest? Output,
    long? Size,
    ExecutionResult Result,
    StoredFailure? Failure
)
{
    public string Title =>
        Output is null ? $"{Job} on {Platform}: {Failure?.Summary ?? Result.ToString()}" : $"{Job} on {Platform}: {Result}";

    public string Summary =>
        Output is null
            ? Failure?.Text ?? $"{Result}"
            : $"{Wording.Bytes(Size ?? 0)}, built in {Wording.Duration(Finished - Started)}, SHA-256 {Output}";
}

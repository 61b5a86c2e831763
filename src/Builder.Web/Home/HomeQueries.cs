using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Repetitions;
using Builder.Storage.Values;
using Builder.Web.Html;

namespace Builder.Web.Home;

/// <summary>What the front page asks of the database.</summary>
internal static class HomeQueries
{
    /// <summary>Sizes shown in a sparkline.</summary>
    private const int HistoryLength = 24;

    public static Task<List<JobRow>> JobsAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.QueryAsync(
            """
            SELECT job.id, job.name,
              (SELECT value FROM job_tag JOIN tag ON tag.id = job_tag.tag WHERE job_tag.job = job.id AND tag.tag = 'section'),
              (SELECT value FROM job_tag JOIN tag ON tag.id = job_tag.tag WHERE job_tag.job = job.id AND tag.tag = 'synopsis')
            FROM job
            ORDER BY job.name
            """,
            static row => new JobRow(row.JobId(0), row.Text(1), row.TextOrNull(2), row.TextOrNull(3)),
            cancellationToken
        );

    /// <summary>
    /// Per job and platform the newest successful and the newest failed build. Walks from platform to platform through the
    /// index, so it costs the same however many builds there are.
    /// </summary>
    /// <param name="job">Only its; null for all.</param>
    public static Task<List<CellRow>> CellsAsync(
        DatabaseSession session,
        JobId? job,
        StartLimit limit,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"""
            WITH RECURSIVE place(job, platform) AS (
              SELECT job.id, (SELECT MIN(build.platform) FROM build WHERE build.job = job.id)
              FROM job{Only(job)}
              UNION ALL
              SELECT place.job, (SELECT MIN(build.platform) FROM build WHERE build.job = place.job AND build.platform > place.platform)
              FROM place
              WHERE place.platform IS NOT NULL
            ), newest AS (
              SELECT place.job, place.platform,
                (SELECT build.id FROM build
                 WHERE build.job = place.job AND build.platform = place.platform AND build.main_binary IS NOT NULL AND {StartLimit.Holds()}
                 ORDER BY build.start_d DESC, build.start_ps DESC
                 LIMIT 1) AS good,
                (SELECT build.id FROM build
                 WHERE build.job = place.job AND build.platform = place.platform AND build.main_binary IS NULL AND {StartLimit.Holds()}
                 ORDER BY build.start_d DESC, build.start_ps DESC
                 LIMIT 1) AS bad
              FROM place
              WHERE place.platform IS NOT NULL
            )
            SELECT newest.job, newest.platform,
              good.uuid, good.start_d, good.start_ps, good.finish_d, good.finish_ps, good.input_id, good.main_sha256, artifact.size, artifact.filepath,
              (SELECT COUNT(*) FROM (
                 SELECT 1 FROM build AS other
                 WHERE other.job = good.job AND other.main_sha256 = good.main_sha256 AND other.id <> good.id
                 LIMIT 99) AS agreeing),
              CASE WHEN EXISTS (
                SELECT 1 FROM build AS other
                WHERE other.job = good.job AND other.input_id = good.input_id AND other.main_sha256 < good.main_sha256)
              OR EXISTS (
                SELECT 1 FROM build AS other
                WHERE other.job = good.job AND other.input_id = good.input_id AND other.main_sha256 > good.main_sha256)
              OR {RepetitionRows.Differs("good.job", "good.main_sha256")}
              THEN 1 ELSE 0 END,
              bad.uuid, bad.start_d, bad.start_ps, bad.finish_d, bad.finish_ps
            FROM newest
            LEFT JOIN build AS good ON good.id = newest.good
            LEFT JOIN build_artifact AS artifact ON artifact.id = good.main_binary
            LEFT JOIN build AS bad ON bad.id = newest.bad
            """,
            static row => new CellRow(
                row.JobId(0),
                row.Text(1),
                row.IsNull(2)
                    ? null
                    : new GoodBuild(
                        row.Uuid(2),
                        row.Timestamp(3),
                        row.Timestamp(5),
                        row.Digest(8),
                        row.Integer(9),
                        row.Bytes(10),
                        Verdict.Of(succeeded: true, !row.IsNull(7), (int)row.Integer(11), (int)row.Integer(12))
                    ),
                row.IsNull(13) ? null : new FailedBuild(row.Uuid(13), row.Timestamp(14), row.Timestamp(16))
            ),
            cancellationToken,
            [.. Parameters(job), .. limit.Parameters]
        );

    /// <summary>Sizes of the main binary, oldest first, of each job on the first platform where it succeeded.</summary>
    /// <param name="job">Only its; null for all.</param>
    public static async Task<Dictionary<JobId, List<long>>> SizesAsync(
        DatabaseSession session,
        JobId? job,
        StartLimit limit,
        CancellationToken cancellationToken
    )
    {
        var sizes = new Dictionary<JobId, List<long>>();
        var rows = session.StreamAsync(
            $"""
            WITH place(job, platform) AS (
              SELECT job.id, (SELECT build.platform FROM build
                              WHERE build.job = job.id AND build.main_binary IS NOT NULL
                              ORDER BY build.platform
                              LIMIT 1)
              FROM job{Only(job)}
            )
            SELECT place.job, artifact.size
            FROM place
            JOIN build ON build.id IN (
              SELECT newest.id FROM build AS newest
              WHERE newest.job = place.job AND newest.platform = place.platform AND newest.main_binary IS NOT NULL AND {StartLimit.Holds(
                "newest"
            )}
              ORDER BY newest.start_d DESC, newest.start_ps DESC
              LIMIT @count)
            JOIN build_artifact AS artifact ON artifact.id = build.main_binary
            ORDER BY place.job, build.start_d, build.start_ps
            """,
            static row => (Job: row.JobId(0), Size: row.Integer(1)),
            cancellationToken,
            [("@count", HistoryLength), .. Parameters(job), .. limit.Parameters]
        );
        await foreach (var (place, size) in rows)
        {
            if (!sizes.TryGetValue(place, out var ofJob))
                sizes[place] = ofJob = new List<long>(HistoryLength);
            ofJob.Add(size);
        }
        return sizes;
    }

    /// <summary>The jobs with builds that say they started in the future: what is the newest of those changes with time alone.</summary>
    /// <param name="job">Only this one is asked about; null for all.</param>
    public static async Task<HashSet<JobId>> WithFutureBuildsAsync(
        DatabaseSession session,
        JobId? job,
        StartLimit limit,
        CancellationToken cancellationToken
    ) =>
        [
            .. await session.QueryAsync(
                $"""
                SELECT job.id FROM job
                WHERE EXISTS (SELECT 1 FROM build WHERE build.job = job.id AND {StartLimit.IsExceeded()}){(
                    job is null ? "" : " AND job.id = @job"
                )}
                """,
                static row => row.JobId(0),
                cancellationToken,
                [.. Parameters(job), .. limit.Parameters]
            ),
        ];

    private static string Only(JobId? job) => job is null ? "" : " WHERE job.id = @job";

    private static SqlParameter[] Parameters(JobId? job) => job is { } one ? [("@job", one)] : [];
}

public sealed record JobRow(JobId Id, string Name, string? Section, string? Synopsis);

public sealed record CellRow(JobId Job, string Platform, GoodBuild? Good, FailedBuild? Bad)
{
    /// <summary>It was reproducible there, and is not any more.</summary>
    public bool IsRegression { get; init; }
}

public sealed record GoodBuild(
    BuildUuid Uuid,
    Timestamp Started,
    Timestamp Finished,
    Sha256Digest MainHash,
    long MainSize,
    ByteString MainPath,
    Verdict Verdict
)
{
    /// <summary>Why it is not reproducible; null where it is, or nobody knows yet.</summary>
    public VerdictReason? Reason { get; init; }
}

public sealed record FailedBuild(BuildUuid Uuid, Timestamp Started, Timestamp Finished);

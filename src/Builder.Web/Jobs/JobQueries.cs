using Builder.Protocol;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;

namespace Builder.Web.Jobs;

/// <summary>What the pages of a job ask of the database.</summary>
internal static class JobQueries
{
    public static async Task<JobFacts?> FindAsync(DatabaseSession session, string name, CancellationToken stop)
    {
        var id = await session.QueryFirstAsync(
            "SELECT id FROM job WHERE name = @name",
            static row => (JobId?)row.JobId(0),
            stop,
            ("@name", name));
        if (id is not { } job)
            return null;
        var tags = await session.QueryAsync(
            """
            SELECT tag.tag, job_tag.value FROM job_tag
            JOIN tag ON tag.id = job_tag.tag
            WHERE job_tag.job = @job
            """,
            static row => (Tag: row.Text(0), Value: row.Text(1)),
            stop,
            ("@job", job));
        string? Value(string tag) => tags.Find(pair => pair.Tag == tag).Value;
        return new JobFacts(job, name, Value("section"), Value("synopsis"), Value("description"), Value("readme"));
    }

    /// <summary>From platform to platform through the index.</summary>
    public static Task<List<string>> PlatformsAsync(DatabaseSession session, JobId job, CancellationToken stop) =>
        session.QueryAsync(
            """
            WITH RECURSIVE place(platform) AS (
              SELECT MIN(platform) FROM build WHERE job = @job
              UNION ALL
              SELECT (SELECT MIN(build.platform) FROM build WHERE build.job = @job AND build.platform > place.platform)
              FROM place
              WHERE place.platform IS NOT NULL
            )
            SELECT platform FROM place WHERE platform IS NOT NULL
            """,
            static row => row.Text(0),
            stop,
            ("@job", job));

    /// <summary>How many builds came from which input to which output: all that verdicts need.</summary>
    public static async Task<JobVerdicts> VerdictsAsync(DatabaseSession session, JobId job, CancellationToken stop) =>
        new(await session.QueryAsync(
            """
            SELECT main_sha256, COUNT(*), input_id FROM build
            WHERE job = @job
            GROUP BY input_id, main_sha256
            """,
            static row => new OutputCount(row.DigestOrNull(2), row.DigestOrNull(0), (int)row.Integer(1)),
            stop,
            ("@job", job)));

    /// <summary>The newest builds on one platform, whether they came to an output or not, newest first.</summary>
    public static async Task<List<JobMark>> MarksAsync(DatabaseSession session, JobId job, string platform, int count, JobVerdicts verdicts, CancellationToken stop)
    {
        var marks = await session.QueryAsync(
            """
            SELECT uuid, start_d, start_ps, input_id, main_sha256 FROM (
              SELECT uuid, start_d, start_ps, input_id, main_sha256 FROM build
              WHERE job = @job AND platform = @platform AND main_binary IS NOT NULL
              ORDER BY start_d DESC, start_ps DESC
              LIMIT @count) AS successful
            UNION ALL
            SELECT uuid, start_d, start_ps, input_id, main_sha256 FROM (
              SELECT uuid, start_d, start_ps, input_id, main_sha256 FROM build
              WHERE job = @job AND platform = @platform AND main_binary IS NULL
              ORDER BY start_d DESC, start_ps DESC
              LIMIT @count) AS failed
            """,
            row => new JobMark(row.Uuid(0), row.Timestamp(1), verdicts.Of(row.DigestOrNull(3), row.DigestOrNull(4))),
            stop,
            ("@job", job), ("@platform", platform), ("@count", count));
        marks.Sort(static (left, right) => right.Started.CompareTo(left.Started));
        return marks.Count <= count ? marks : marks[..count];
    }

    /// <summary>How many different outputs the job has on one platform, and how many failed builds.</summary>
    public static async Task<(int Outputs, int Failures)> CountAsync(DatabaseSession session, JobId job, string platform, CancellationToken stop) =>
        await session.QueryFirstAsync(
            """
            SELECT COUNT(DISTINCT main_sha256), COUNT(*) - COUNT(main_sha256) FROM build
            WHERE job = @job AND platform = @platform
            """,
            static row => ((int)row.Integer(0), (int)row.Integer(1)),
            stop,
            ("@job", job), ("@platform", platform));

    /// <summary>
    /// The newest build of each main binary, and failed builds each for itself where they are wanted, newest first. Walks from output to output
    /// through the index. Each has with it the newest build before it, on its platform, with another output.
    /// </summary>
    /// <param name="platform">Only builds there; null for all.</param>
    public static Task<List<JobOutput>> OutputsAsync(
        DatabaseSession session, JobId job, string? platform, bool withFailed, int start, int count, CancellationToken stop)
    {
        var onPlatform = platform is null ? "" : "AND build.platform = @platform";
        var failed = !withFailed ? "" : $"""

              UNION ALL
              SELECT build.id FROM build
              WHERE build.job = @job AND build.main_binary IS NULL {onPlatform}
            """;
        SqlParameter[] parameters = [("@job", job), ("@count", count), ("@start", start)];
        return session.QueryAsync(
            $"""
            WITH RECURSIVE output(hash) AS (
              SELECT (SELECT main_sha256 FROM build WHERE job = @job AND main_sha256 IS NOT NULL ORDER BY main_sha256 LIMIT 1)
              UNION ALL
              SELECT (SELECT main_sha256 FROM build WHERE job = @job AND main_sha256 > output.hash ORDER BY main_sha256 LIMIT 1)
              FROM output
              WHERE output.hash IS NOT NULL
            ), shown(id) AS (
              SELECT (
                SELECT build.id FROM build
                WHERE build.job = @job AND build.main_sha256 = output.hash {onPlatform}
                ORDER BY build.start_d DESC, build.start_ps DESC
                LIMIT 1)
              FROM output
              WHERE output.hash IS NOT NULL{failed}
            ), page AS (
              SELECT build.uuid, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps, {StoredResult.Columns},
                build.main_sha256, build.input_id, build.main_binary
              FROM shown
              JOIN build ON build.id = shown.id
              ORDER BY build.start_d DESC, build.start_ps DESC
              LIMIT @count OFFSET @start
            )
            SELECT page.uuid, page.platform, page.start_d, page.start_ps, page.finish_d, page.finish_ps, page.result_kind, page.result_number, page.result_msg,
              page.main_sha256, page.input_id, main.size, main.filepath, earlier.uuid, earlier_main.size
            FROM page
            LEFT JOIN build_artifact AS main ON main.id = page.main_binary
            LEFT JOIN build AS earlier ON earlier.id = (
              SELECT other.id FROM build AS other
              WHERE other.job = @job AND other.platform = page.platform AND other.main_binary IS NOT NULL
                AND (other.start_d, other.start_ps) < (page.start_d, page.start_ps) AND other.main_sha256 <> page.main_sha256
              ORDER BY other.start_d DESC, other.start_ps DESC
              LIMIT 1)
            LEFT JOIN build_artifact AS earlier_main ON earlier_main.id = earlier.main_binary
            ORDER BY page.start_d DESC, page.start_ps DESC
            """,
            static row => new JobOutput(
                new JobBuild(
                    row.Uuid(0),
                    row.Text(1),
                    row.Timestamp(2),
                    row.Timestamp(4),
                    row.DigestOrNull(10),
                    row.IsNull(9) ? null : new MainBinary(row.Bytes(12), row.Digest(9), row.Integer(11)),
                    row.Result(6)),
                row.IsNull(13) ? null : new EarlierOutput(row.Uuid(13), row.Integer(14))),
            stop,
            platform is null ? parameters : [.. parameters, ("@platform", platform)]);
    }

    /// <summary>The newest build with a main binary; null where there is none, on that platform if one is named.</summary>
    public static Task<BuildUuid?> LatestAsync(DatabaseSession session, string job, string? platform, CancellationToken stop) =>
        platform is null
            ? session.QueryFirstAsync(
                """
                SELECT build.uuid FROM build
                WHERE build.job = (SELECT id FROM job WHERE name = @job) AND build.main_binary IS NOT NULL
                ORDER BY build.start_d DESC, build.start_ps DESC
                LIMIT 1
                """,
                static row => (BuildUuid?)row.Uuid(0),
                stop,
                ("@job", job))
            : session.QueryFirstAsync(
                """
                SELECT build.uuid FROM build
                WHERE build.job = (SELECT id FROM job WHERE name = @job) AND build.platform = @platform AND build.main_binary IS NOT NULL
                ORDER BY build.start_d DESC, build.start_ps DESC
                LIMIT 1
                """,
                static row => (BuildUuid?)row.Uuid(0),
                stop,
                ("@job", job), ("@platform", platform));
}

public sealed record JobFacts(JobId Id, string Name, string? Section, string? Synopsis, string? Description, string? Readme);

public sealed record MainBinary(ByteString Path, Sha256Digest Hash, long Size)
{
    /// <summary>Without its directories.</summary>
    public string FileName
    {
        get
        {
            var path = Path.ToString();
            return path[(path.LastIndexOf('/') + 1)..];
        }
    }
}

public sealed record JobBuild(
    BuildUuid Uuid, string Platform, Timestamp Started, Timestamp Finished, Sha256Digest? InputId, MainBinary? Main, ExecutionResult Result);

/// <param name="Earlier">The newest build before it, on its platform, with another main binary.</param>
public sealed record JobOutput(JobBuild Build, EarlierOutput? Earlier);

/// <param name="Size">Of the main binary, in bytes.</param>
public sealed record EarlierOutput(BuildUuid Uuid, long Size);

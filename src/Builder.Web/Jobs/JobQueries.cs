using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Web.Jobs;

/// <summary>What the pages of a job ask of the database.</summary>
internal static class JobQueries
{
    public static async Task<JobFacts?> FindAsync(DatabaseSession session, string name, CancellationToken cancellationToken)
    {
        var id = await session.QueryFirstAsync(
            "SELECT id FROM job WHERE name = @name",
            static row => (JobId?)row.JobId(0),
            cancellationToken,
            ("@name", name)
        );
        if (id is not { } job)
            return null;
        var tags = await session.QueryAsync(
            """
            SELECT tag.tag, job_tag.value FROM job_tag
            JOIN tag ON tag.id = job_tag.tag
            WHERE job_tag.job = @job
            """,
            static row => (Tag: row.Text(0), Value: row.Text(1)),
            cancellationToken,
            ("@job", job)
        );
        string? Value(string tag) => tags.Find(pair => pair.Tag == tag).Value;
        return new JobFacts(job, name, Value("section"), Value("synopsis"), Value("description"), Value("readme"));
    }

    /// <summary>From platform to platform through the index.</summary>
    public static Task<List<string>> PlatformsAsync(DatabaseSession session, JobId job, CancellationToken cancellationToken) =>
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
            cancellationToken,
            ("@job", job)
        );

    /// <summary>The newest builds on one platform, whether they came to an output or not, newest first.</summary>
    public static Task<List<BuildMark>> MarksAsync(
        DatabaseSession session,
        JobId job,
        string platform,
        StartLimit limit,
        int count,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"""
            SELECT uuid, start_d, start_ps, input_id, main_sha256 FROM build
            WHERE job = @job AND platform = @platform AND main_binary IS NOT NULL AND {StartLimit.Holds()}
            UNION ALL
            SELECT uuid, start_d, start_ps, input_id, main_sha256 FROM build
            WHERE job = @job AND platform = @platform AND main_binary IS NULL AND {StartLimit.Holds()}
            ORDER BY start_d DESC, start_ps DESC
            LIMIT @count
            """,
            static row => new BuildMark(row.Uuid(0), row.Timestamp(1), row.DigestOrNull(3), row.DigestOrNull(4)),
            cancellationToken,
            [("@job", job), ("@platform", platform), ("@count", count), .. limit.Parameters]
        );

    /// <summary>How many failed builds the job has, on that platform if one is named; counted no further than to the most.</summary>
    public static async Task<int> FailuresAsync(
        DatabaseSession session,
        JobId job,
        string? platform,
        int most,
        CancellationToken cancellationToken
    ) =>
        platform is null
            ? (int)
                await session.IntegerAsync(
                    "SELECT COUNT(*) FROM (SELECT 1 FROM build WHERE job = @job AND main_sha256 IS NULL LIMIT @most) AS failed",
                    cancellationToken,
                    ("@job", job),
                    ("@most", most)
                )
            : (int)
                await session.IntegerAsync(
                    """
                    SELECT COUNT(*) FROM (
                      SELECT 1 FROM build
                      WHERE job = @job AND platform = @platform AND main_binary IS NULL
                      ORDER BY start_d DESC, start_ps DESC
                      LIMIT @most) AS failed
                    """,
                    cancellationToken,
                    ("@job", job),
                    ("@platform", platform),
                    ("@most", most)
                );

    /// <summary>The newest build with a main binary; null where there is none, on that platform if one is named.</summary>
    public static Task<BuildUuid?> LatestAsync(
        DatabaseSession session,
        string job,
        string? platform,
        StartLimit limit,
        CancellationToken cancellationToken
    ) =>
        platform is null
            ? session.QueryFirstAsync(
                $"""
                SELECT build.uuid FROM build
                WHERE build.job = (SELECT id FROM job WHERE name = @job) AND build.main_binary IS NOT NULL AND {StartLimit.Holds()}
                ORDER BY build.start_d DESC, build.start_ps DESC
                LIMIT 1
                """,
                static row => (BuildUuid?)row.Uuid(0),
                cancellationToken,
                [("@job", job), .. limit.Parameters]
            )
            : session.QueryFirstAsync(
                $"""
                SELECT build.uuid FROM build
                WHERE build.job = (SELECT id FROM job WHERE name = @job) AND build.platform = @platform AND build.main_binary IS NOT NULL AND {StartLimit.Holds()}
                ORDER BY build.start_d DESC, build.start_ps DESC
                LIMIT 1
                """,
                static row => (BuildUuid?)row.Uuid(0),
                cancellationToken,
                [("@job", job), ("@platform", platform), .. limit.Parameters]
            );
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
    BuildUuid Uuid,
    string Platform,
    Timestamp Started,
    Timestamp Finished,
    Sha256Digest? InputId,
    MainBinary? Main,
    ExecutionResult Result
);

/// <summary>What a mark in the history of a job is made of.</summary>
public sealed record BuildMark(BuildUuid Uuid, Timestamp Started, Sha256Digest? InputId, Sha256Digest? Output);

/// <param name="Earlier">The newest build before it, on its platform, with another main binary.</param>
public sealed record JobOutput(JobBuild Build, EarlierOutput? Earlier);

/// <param name="Size">Of the main binary, in bytes.</param>
public sealed record EarlierOutput(BuildUuid Uuid, long Size);

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

    /// <summary>All builds of the job, newest first: verdicts are worked out among them.</summary>
    public static Task<List<JobBuild>> BuildsAsync(DatabaseSession session, JobId job, CancellationToken stop) =>
        session.QueryAsync(
            $"""
            SELECT build.uuid, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps, build.input_id,
              build.main_sha256, build_artifact.size, build_artifact.filepath, {StoredResult.Columns}
            FROM build
            LEFT JOIN build_artifact ON build_artifact.id = build.main_binary
            WHERE build.job = @job
            ORDER BY build.start_d DESC, build.start_ps DESC
            """,
            static row => new JobBuild(
                row.Uuid(0),
                row.Text(1),
                row.Timestamp(2),
                row.Timestamp(4),
                row.DigestOrNull(6),
                row.IsNull(7) ? null : new MainBinary(row.Bytes(9), row.Digest(7), row.Integer(8)),
                row.Result(10)),
            stop,
            ("@job", job));

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

using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;
using Builder.Web.Jobs;

namespace Builder.Web.Builds;

/// <summary>What the pages of a build ask of the database.</summary>
internal static class BuildQueries
{
    /// <summary>Builds named one by one; beyond that a number says enough.</summary>
    public const int MaxListed = 20;

    /// <summary>Other builds of the page's job, read with <see cref="Related"/>.</summary>
    private const string SelectRelated = """
        SELECT other.uuid, other.platform, other.start_d, other.start_ps, other.input_id, other.main_sha256, main.size
        FROM build AS other
        JOIN build_artifact AS main ON main.id = other.main_binary
        """;

    /// <summary>A build under its job's name; under another job's name there is none.</summary>
    public static Task<BuildFacts?> FindAsync(DatabaseSession session, string job, BuildUuid uuid, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            $"""
            SELECT build.id, build.job, job.name, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps,
              build.input_id, build.console, build.script, build_artifact.sha256, build_artifact.size, build_artifact.filepath, build.uuid, {StoredResult.Columns}
            FROM build
            JOIN job ON job.id = build.job
            LEFT JOIN build_artifact ON build_artifact.id = build.main_binary
            WHERE build.uuid = @uuid AND job.name = @job
            """,
            Facts,
            cancellationToken,
            ("@uuid", uuid),
            ("@job", job)
        );

    public static Task<BuildFacts?> FindAsync(DatabaseSession session, BuildUuid uuid, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            $"""
            SELECT build.id, build.job, job.name, build.platform, build.start_d, build.start_ps, build.finish_d, build.finish_ps,
              build.input_id, build.console, build.script, build_artifact.sha256, build_artifact.size, build_artifact.filepath, build.uuid, {StoredResult.Columns}
            FROM build
            JOIN job ON job.id = build.job
            LEFT JOIN build_artifact ON build_artifact.id = build.main_binary
            WHERE build.uuid = @uuid
            """,
            Facts,
            cancellationToken,
            ("@uuid", uuid)
        );

    public static Task<List<ArtifactFacts>> ArtifactsAsync(DatabaseSession session, BuildId build, CancellationToken cancellationToken) =>
        session.QueryAsync(
            """
            SELECT filepath, sha256, size FROM build_artifact
            WHERE build = @build
            ORDER BY filepath
            """,
            static row => new ArtifactFacts(row.Bytes(0), row.Digest(1), row.Integer(2)),
            cancellationToken,
            ("@build", build)
        );

    /// <summary>The artifact, and when its build finished.</summary>
    public static Task<(ArtifactFacts Artifact, Timestamp Finished)?> ArtifactAsync(
        DatabaseSession session,
        string job,
        BuildUuid uuid,
        ArtifactPath path,
        CancellationToken cancellationToken
    ) =>
        session.QueryFirstAsync(
            """
            SELECT build_artifact.filepath, build_artifact.sha256, build_artifact.size, build.finish_d, build.finish_ps FROM build
            JOIN job ON job.id = build.job
            JOIN build_artifact ON build_artifact.build = build.id
            WHERE build.uuid = @uuid AND job.name = @job AND build_artifact.filepath = @path
            """,
            static row => ((ArtifactFacts, Timestamp)?)(new ArtifactFacts(row.Bytes(0), row.Digest(1), row.Integer(2)), row.Timestamp(3)),
            cancellationToken,
            ("@uuid", uuid),
            ("@job", job),
            ("@path", path)
        );

    /// <summary>Other builds of the job with the same input and the same main binary.</summary>
    public static async Task<RelatedBuilds> SameInputSameOutputAsync(
        DatabaseSession session,
        BuildFacts build,
        CancellationToken cancellationToken
    )
    {
        SqlParameter[] parameters = [("@job", build.JobId), ("@hash", build.Main!.Hash), ("@input", build.InputId), ("@build", build.Id)];
        var count = await session.IntegerAsync(
            "SELECT COUNT(*) FROM build WHERE job = @job AND input_id = @input AND main_sha256 = @hash AND id <> @build",
            cancellationToken,
            parameters
        );
        return count == 0
            ? RelatedBuilds.None
            : new RelatedBuilds(
                count,
                await session.QueryAsync(
                    $"""
                    {SelectRelated}
                    WHERE other.job = @job AND other.main_sha256 = @hash AND other.input_id = @input AND other.id <> @build
                    ORDER BY other.start_d DESC, other.start_ps DESC
                    LIMIT @count
                    """,
                    Related,
                    cancellationToken,
                    [.. parameters, ("@count", MaxListed)]
                )
            );
    }

    /// <summary>Other builds of the job with another input, or an unknown one, and the same main binary.</summary>
    /// <param name="sameInput">How many builds with the same output have the same input.</param>
    public static async Task<RelatedBuilds> OtherInputSameOutputAsync(
        DatabaseSession session,
        BuildFacts build,
        long sameInput,
        CancellationToken cancellationToken
    )
    {
        SqlParameter[] parameters = [("@job", build.JobId), ("@hash", build.Main!.Hash), ("@build", build.Id)];
        var count =
            await session.IntegerAsync(
                "SELECT COUNT(*) FROM build WHERE job = @job AND main_sha256 = @hash AND id <> @build",
                cancellationToken,
                parameters
            ) - sameInput;
        return count == 0
            ? RelatedBuilds.None
            : new RelatedBuilds(
                count,
                await session.QueryAsync(
                    $"""
                    {SelectRelated}
                    WHERE other.job = @job AND other.main_sha256 = @hash AND other.id <> @build AND (other.input_id = @input) IS NOT TRUE
                    ORDER BY other.start_d DESC, other.start_ps DESC
                    LIMIT @count
                    """,
                    Related,
                    cancellationToken,
                    [.. parameters, ("@input", (object?)build.InputId ?? Array.Empty<byte>()), ("@count", MaxListed)]
                )
            );
    }

    /// <summary>
    /// Builds of the job with the same input and another main binary, and repetitions that came to another one: ranges of indexes, nearly always
    /// empty, so they are put in order here.
    /// </summary>
    public static async Task<RelatedBuilds> OtherOutputAsync(DatabaseSession session, BuildFacts build, CancellationToken cancellationToken)
    {
        const string Repetition =
            "JOIN repetition ON repetition.build_uuid = other.uuid WHERE repetition.job = @job AND repetition.repeated = @hash";
        const string Repeated =
            "JOIN repetition ON repetition.repeats = other.uuid WHERE repetition.job = @job AND repetition.output = @hash";
        var found = await session.QueryAsync(
            $"""
            {SelectRelated}
            WHERE other.job = @job AND other.input_id = @input AND other.main_sha256 < @hash
            UNION ALL
            {SelectRelated}
            WHERE other.job = @job AND other.input_id = @input AND other.main_sha256 > @hash
            UNION ALL
            {SelectRelated}
            {Repetition} AND repetition.output < @hash
            UNION ALL
            {SelectRelated}
            {Repetition} AND repetition.output > @hash
            UNION ALL
            {SelectRelated}
            {Repeated} AND repetition.repeated < @hash
            UNION ALL
            {SelectRelated}
            {Repeated} AND repetition.repeated > @hash
            """,
            Related,
            cancellationToken,
            ("@input", (object?)build.InputId ?? Array.Empty<byte>()),
            ("@job", build.JobId),
            ("@hash", build.Main!.Hash)
        );
        var others = found.DistinctBy(static other => other.Uuid).ToList();
        others.Sort(static (left, right) => right.Started.CompareTo(left.Started));
        return new RelatedBuilds(others.Count, others.Count <= MaxListed ? others : others[..MaxListed]);
    }

    /// <summary>The newest successful build on the same platform.</summary>
    public static Task<RelatedBuild?> LatestAsync(
        DatabaseSession session,
        BuildFacts build,
        StartLimit limit,
        CancellationToken cancellationToken
    ) =>
        session.QueryFirstAsync(
            $"""
            SELECT build.uuid, build.platform, build.start_d, build.start_ps, build.input_id, build.main_sha256, main.size
            FROM build
            JOIN build_artifact AS main ON main.id = build.main_binary
            WHERE build.job = @job AND build.platform = @platform AND build.main_binary IS NOT NULL AND {StartLimit.Holds()}
            ORDER BY build.start_d DESC, build.start_ps DESC
            LIMIT 1
            """,
            Related,
            cancellationToken,
            [("@job", build.JobId), ("@platform", build.Platform), .. limit.Parameters]
        );

    /// <summary>The nearest earlier build on the same platform with another main binary.</summary>
    public static Task<RelatedBuild?> EarlierAsync(DatabaseSession session, BuildFacts build, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            """
            SELECT build.uuid, build.platform, build.start_d, build.start_ps, build.input_id, build.main_sha256, main.size
            FROM build
            JOIN build_artifact AS main ON main.id = build.main_binary
            WHERE build.job = @job AND build.platform = @platform AND build.main_binary IS NOT NULL
              AND (build.start_d, build.start_ps) < (@day, @time) AND build.main_sha256 <> @hash
            ORDER BY build.start_d DESC, build.start_ps DESC
            LIMIT 1
            """,
            Related,
            cancellationToken,
            ("@job", build.JobId),
            ("@platform", build.Platform),
            ("@day", build.Started.Days),
            ("@time", build.Started.PicosecondsOfDay),
            ("@hash", OutputOf(build))
        );

    /// <summary>The nearest later build on the same platform with another main binary.</summary>
    public static Task<RelatedBuild?> LaterAsync(DatabaseSession session, BuildFacts build, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            """
            SELECT build.uuid, build.platform, build.start_d, build.start_ps, build.input_id, build.main_sha256, main.size
            FROM build
            JOIN build_artifact AS main ON main.id = build.main_binary
            WHERE build.job = @job AND build.platform = @platform AND build.main_binary IS NOT NULL
              AND (build.start_d, build.start_ps) > (@day, @time) AND build.main_sha256 <> @hash
            ORDER BY build.start_d, build.start_ps
            LIMIT 1
            """,
            Related,
            cancellationToken,
            ("@job", build.JobId),
            ("@platform", build.Platform),
            ("@day", build.Started.Days),
            ("@time", build.Started.PicosecondsOfDay),
            ("@hash", OutputOf(build))
        );

    /// <summary>One of the same inputs that succeeded.</summary>
    public static Task<BuildLink?> SucceededAsync(DatabaseSession session, BuildFacts build, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            """
            SELECT uuid, start_d, start_ps FROM build
            WHERE job = @job AND input_id = @input AND main_sha256 > @none
            LIMIT 1
            """,
            static row => new BuildLink(row.Uuid(0), row.Timestamp(1)),
            cancellationToken,
            ("@job", build.JobId),
            ("@input", build.InputId),
            ("@none", Array.Empty<byte>())
        );

    /// <summary>One of the same inputs that failed.</summary>
    public static Task<BuildLink?> FailedAsync(DatabaseSession session, BuildFacts build, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            """
            SELECT uuid, start_d, start_ps FROM build
            WHERE job = @job AND input_id = @input AND main_sha256 IS NULL
            LIMIT 1
            """,
            static row => new BuildLink(row.Uuid(0), row.Timestamp(1)),
            cancellationToken,
            ("@job", build.JobId),
            ("@input", build.InputId)
        );

    /// <summary>A failed build has no output: any other one differs.</summary>
    private static byte[] OutputOf(BuildFacts build) => build.Main?.Hash.ToByteArray() ?? [];

    private static BuildFacts Facts(Row row) =>
        new(
            row.BuildId(0),
            row.JobId(1),
            row.Text(2),
            row.Uuid(14),
            row.Text(3),
            row.Timestamp(4),
            row.Timestamp(6),
            row.Result(15),
            row.DigestOrNull(8),
            row.Text(9),
            row.Text(10),
            row.IsNull(11) ? null : new MainBinary(row.Bytes(13), row.Digest(11), row.Integer(12))
        );

    private static RelatedBuild Related(Row row) =>
        new(row.Uuid(0), row.Text(1), row.Timestamp(2), row.DigestOrNull(4), row.Digest(5), row.Integer(6));
}

/// <param name="ConsolePath">Relative to the data directory.</param>
/// <param name="ScriptPath">Relative to the data directory.</param>
public sealed record BuildFacts(
    BuildId Id,
    JobId JobId,
    string Job,
    BuildUuid Uuid,
    string Platform,
    Timestamp Started,
    Timestamp Finished,
    ExecutionResult Result,
    Sha256Digest? InputId,
    string ConsolePath,
    string ScriptPath,
    MainBinary? Main
);

public sealed record ArtifactFacts(ByteString Path, Sha256Digest Hash, long Size);

public sealed record RelatedBuild(BuildUuid Uuid, string Platform, Timestamp Started, Sha256Digest? InputId, Sha256Digest Hash, long Size);

/// <summary>How many there are, and the newest of them, newest first.</summary>
public sealed record RelatedBuilds(long Count, IReadOnlyList<RelatedBuild> Newest)
{
    public static RelatedBuilds None { get; } = new(0, []);
}

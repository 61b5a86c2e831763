using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Rebuilders;

namespace Builder.Web.Rebuilders;

/// <summary>What the pages about rebuilders ask of the database.</summary>
internal static class RebuilderQueries
{
    /// <summary>Builds whose inputs were recorded, in the order in which they came.</summary>
    /// <param name="after">The id of the last one that was seen.</param>
    public static Task<List<RepeatableBuild>> RepeatableAsync(
        DatabaseSession session,
        long after,
        int count,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            """
            SELECT build.id, job.name, build.uuid, build.platform, build.input_id, build.finish_d, build.finish_ps
            FROM build
            JOIN job ON job.id = build.job
            WHERE build.id > @after AND build.main_binary IS NOT NULL AND build.input_id IS NOT NULL
            ORDER BY build.id
            LIMIT @count
            """,
            static row => new RepeatableBuild(row.Integer(0), row.Text(1), row.Uuid(2), row.Text(3), row.Digest(4), row.Timestamp(5)),
            cancellationToken,
            ("@after", after),
            ("@count", (long)count)
        );

    /// <summary>The newest builds of a job whose inputs were recorded, newest first.</summary>
    public static Task<List<RepeatableBuild>> OfJobAsync(
        DatabaseSession session,
        string job,
        int count,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            """
            SELECT build.id, build.uuid, build.platform, build.input_id, build.finish_d, build.finish_ps, build.main_sha256
            FROM build
            WHERE build.job = (SELECT id FROM job WHERE name = @job) AND build.main_binary IS NOT NULL
            ORDER BY build.start_d DESC, build.start_ps DESC
            LIMIT @count
            """,
            row =>
                row.IsNull(3)
                    ? null
                    : new RepeatableBuild(row.Integer(0), job, row.Uuid(1), row.Text(2), row.Digest(3), row.Timestamp(4))
                    {
                        Main = row.DigestOrNull(6),
                    },
            cancellationToken,
            ("@job", job),
            ("@count", (long)count)
        )!;

    /// <summary>Null where the job has no such build.</summary>
    public static Task<RebuiltBuild?> FindAsync(DatabaseSession session, string job, BuildUuid uuid, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            """
            SELECT build.id, job.name, build.uuid, build.platform, build.start_d, build.start_ps, build.main_sha256
            FROM build
            JOIN job ON job.id = build.job
            WHERE build.uuid = @uuid AND job.name = @job
            """,
            static row => new RebuiltBuild(row.Integer(0), row.Text(1), row.Uuid(2), row.Text(3), row.Timestamp(4), row.DigestOrNull(6)),
            cancellationToken,
            ("@uuid", uuid),
            ("@job", job)
        );

    /// <summary>Path and SHA-256 of the files that the build left.</summary>
    public static Task<List<(string Path, Sha256Digest Digest)>> FilesAsync(
        DatabaseSession session,
        long build,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            "SELECT filepath, sha256 FROM build_artifact WHERE build = @build ORDER BY filepath",
            static row => (row.Bytes(0).ToString(), row.Digest(1)),
            cancellationToken,
            ("@build", build)
        );

    /// <summary>A build of this site with that file; null where there is none.</summary>
    public static Task<BuildUuid?> WithFileAsync(DatabaseSession session, Sha256Digest digest, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            """
            SELECT build.uuid
            FROM build_artifact
            JOIN build ON build.id = build_artifact.build
            WHERE build_artifact.sha256 = @digest
            LIMIT 1
            """,
            static row => (BuildUuid?)row.Uuid(0),
            cancellationToken,
            ("@digest", digest)
        );

    /// <summary>The latest statements of a key that are about builds which are still there, with their jobs, newest first.</summary>
    public static async Task<IReadOnlyList<(string Job, RebuildRow Row)>> LatestOfKeyAsync(
        DatabaseSession session,
        string key,
        int count,
        CancellationToken cancellationToken
    )
    {
        var shown = new List<(string, RebuildRow)>();
        foreach (var row in await RebuildRows.LatestOfKeyAsync(session, key, count, cancellationToken))
        {
            var job = await session.QueryFirstAsync(
                "SELECT job.name FROM build JOIN job ON job.id = build.job WHERE build.uuid = @uuid",
                static found => found.Text(0),
                cancellationToken,
                ("@uuid", row.Build)
            );
            if (job is not null)
                shown.Add((job, row));
        }
        return shown;
    }
}

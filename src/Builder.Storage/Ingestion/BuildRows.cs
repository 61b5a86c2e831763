using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Ingestion;

/// <summary>The rows of a build, inside the caller's transaction.</summary>
internal static class BuildRows
{
    public static Task<bool> ExistsAsync(DatabaseSession session, BuildUuid uuid, CancellationToken cancellationToken) =>
        session.AnyAsync("SELECT 1 FROM build WHERE uuid = @uuid", cancellationToken, ("@uuid", uuid));

    public static async Task<(BuildId Build, JobId Job)> InsertAsync(
        DatabaseSession session,
        UploadedBuild build,
        UserId user,
        CancellationToken cancellationToken
    )
    {
        var job = await JobAsync(session, build.Job, cancellationToken);
        var id = await InsertBuildAsync(session, build, user, job, cancellationToken);
        await InsertArtifactsAsync(session, build, id, cancellationToken);
        foreach (var (tag, value) in build.Tags.Values)
            await SetTagAsync(session, job, tag, value, cancellationToken);
        await ForgetRemovalAsync(session, build, cancellationToken);
        return (id, job);
    }

    private static async Task<JobId> JobAsync(DatabaseSession session, JobName name, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync("INSERT INTO job (name) VALUES (@name) ON CONFLICT DO NOTHING", cancellationToken, ("@name", name));
        return new JobId(await session.IntegerAsync("SELECT id FROM job WHERE name = @name", cancellationToken, ("@name", name)));
    }

    private static async Task<BuildId> InsertBuildAsync(
        DatabaseSession session,
        UploadedBuild build,
        UserId user,
        JobId job,
        CancellationToken cancellationToken
    )
    {
        var (kind, number, message) = StoredResult.ToColumns(build.Tail.Result);
        var folder = $"{build.Job.Value}/{build.Uuid}";
        return new BuildId(
            await session.IntegerAsync(
                """
                INSERT INTO build (uuid, start_d, start_ps, finish_d, finish_ps, result_kind, result_number, result_msg, console, script, platform, "user", job, input_id)
                VALUES (@uuid, @start_d, @start_ps, @finish_d, @finish_ps, @kind, @number, @message, @console, @script, @platform, @user, @job, @input)
                RETURNING id
                """,
                cancellationToken,
                ("@uuid", build.Uuid),
                ("@start_d", build.Tail.Started.Days),
                ("@start_ps", build.Tail.Started.PicosecondsOfDay),
                ("@finish_d", build.Tail.Finished.Days),
                ("@finish_ps", build.Tail.Finished.PicosecondsOfDay),
                ("@kind", kind),
                ("@number", number),
                ("@message", message),
                ("@console", folder + "/console.txt"),
                ("@script", folder + "/script.txt"),
                ("@platform", build.Platform),
                ("@user", user),
                ("@job", job),
                ("@input", build.InputId)
            )
        );
    }

    private static async Task InsertArtifactsAsync(
        DatabaseSession session,
        UploadedBuild build,
        BuildId id,
        CancellationToken cancellationToken
    )
    {
        foreach (var artifact in build.Kept)
        {
            var row = await session.IntegerAsync(
                """
                INSERT INTO build_artifact (filepath, sha256, size, build)
                VALUES (@path, @digest, @size, @build)
                RETURNING id
                """,
                cancellationToken,
                ("@path", artifact.Path),
                ("@digest", artifact.Digest),
                ("@size", artifact.Length),
                ("@build", id)
            );
            if (artifact != build.MainBinary)
                continue;
            await session.ExecuteAsync(
                "UPDATE build SET main_binary = @artifact, main_sha256 = @digest WHERE id = @build",
                cancellationToken,
                ("@artifact", row),
                ("@digest", artifact.Digest),
                ("@build", id)
            );
        }
    }

    private static async Task SetTagAsync(DatabaseSession session, JobId job, string tag, string value, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync("INSERT INTO tag (tag) VALUES (@tag) ON CONFLICT DO NOTHING", cancellationToken, ("@tag", tag));
        await session.ExecuteAsync(
            """
            INSERT INTO job_tag (tag, value, job)
            SELECT id, @value, @job FROM tag WHERE tag = @tag
            ON CONFLICT (tag, job) DO UPDATE SET value = excluded.value
            """,
            cancellationToken,
            ("@value", value),
            ("@job", job),
            ("@tag", tag)
        );
    }

    /// <summary>A removed build that comes back is removed no more.</summary>
    private static async Task ForgetRemovalAsync(DatabaseSession session, UploadedBuild build, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(
            "DELETE FROM removed_artifact WHERE removed_build = (SELECT id FROM removed_build WHERE uuid = @uuid)",
            cancellationToken,
            ("@uuid", build.Uuid)
        );
        await session.ExecuteAsync("DELETE FROM removed_build WHERE uuid = @uuid", cancellationToken, ("@uuid", build.Uuid));
        await session.ExecuteAsync(
            "DELETE FROM pending_removal WHERE directory = @directory",
            cancellationToken,
            ("@directory", $"{build.Job.Value}/{build.Uuid}")
        );
    }
}

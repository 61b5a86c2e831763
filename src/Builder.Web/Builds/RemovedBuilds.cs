using Builder.Protocol;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Web.Shared;

namespace Builder.Web.Builds;

/// <summary>What is remembered of builds that were removed: their links answer what they were instead of nothing.</summary>
internal static class RemovedBuilds
{
    public static Task<RemovedBuild?> FindAsync(DatabaseSession session, string job, BuildUuid uuid, CancellationToken stop) =>
        session.QueryFirstAsync(
            """
            SELECT job, uuid, platform, start_d, start_ps, removed_d, removed_ps, result_kind, result_number, result_msg FROM removed_build
            WHERE uuid = @uuid AND job = @job
            """,
            Read,
            stop,
            ("@uuid", uuid), ("@job", job));

    /// <summary>The newest one that had a file with this content.</summary>
    public static Task<RemovedBuild?> FindAsync(DatabaseSession session, Sha256Digest hash, CancellationToken stop) =>
        session.QueryFirstAsync(
            """
            SELECT removed_build.job, removed_build.uuid, removed_build.platform, removed_build.start_d, removed_build.start_ps,
              removed_build.removed_d, removed_build.removed_ps, removed_build.result_kind, removed_build.result_number, removed_build.result_msg
            FROM removed_artifact
            JOIN removed_build ON removed_build.id = removed_artifact.removed_build
            WHERE removed_artifact.sha256 = @hash
            ORDER BY removed_build.start_d DESC, removed_build.start_ps DESC
            LIMIT 1
            """,
            Read,
            stop,
            ("@hash", hash));

    /// <summary>410: it was here, and this is what it was.</summary>
    public static ValueTask<Answer> GoneAsync(PageContext page, RemovedBuild build) => Problems.MakeAsync(
        page.Http, page.Site, page.Now, StatusCodes.Status410Gone, "Removed",
        $"{build.Job} was built on {build.Platform} then, on {Wording.Exact(build.Started)} ({Wording.Result(build.Result)}), and removed on {Wording.Date(build.Removed)}. Its uuid was {build.Uuid}.");

    private static RemovedBuild Read(Row row) =>
        new(row.Text(0), row.Uuid(1), row.Text(2), row.Timestamp(3), row.Timestamp(5), row.Result(7));
}

internal sealed record RemovedBuild(string Job, BuildUuid Uuid, string Platform, Timestamp Started, Timestamp Removed, ExecutionResult Result);

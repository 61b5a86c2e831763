using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Builds;

/// <summary>What is remembered of builds that were removed: whatever was under their address answers what they were instead of nothing.</summary>
internal static class RemovedBuilds
{
    private const string Columns = """
        removed_build.id, removed_build.job, removed_build.uuid, removed_build.platform, removed_build.start_d, removed_build.start_ps,
        removed_build.removed_d, removed_build.removed_ps, removed_build.main_binary,
        removed_build.result_kind, removed_build.result_number, removed_build.result_msg,
        removed_build.finish_d, removed_build.finish_ps, removed_build.input_id,
        (
            SELECT sha256 FROM removed_artifact
            WHERE removed_artifact.removed_build = removed_build.id AND removed_artifact.filepath = removed_build.main_binary
        )
        """;

    public static Task<RemovedBuild?> FindAsync(DatabaseSession session, BuildUuid uuid, CancellationToken cancellationToken) =>
        session.QueryFirstAsync($"SELECT {Columns} FROM removed_build WHERE uuid = @uuid", Read, cancellationToken, ("@uuid", uuid));

    /// <summary>The newest one that had a file with this content.</summary>
    public static Task<RemovedBuild?> FindAsync(DatabaseSession session, Sha256Digest hash, CancellationToken cancellationToken) =>
        session.QueryFirstAsync(
            $"""
            SELECT {Columns}
            FROM removed_artifact
            JOIN removed_build ON removed_build.id = removed_artifact.removed_build
            WHERE removed_artifact.sha256 = @hash
            ORDER BY removed_build.start_d DESC, removed_build.start_ps DESC
            LIMIT 1
            """,
            Read,
            cancellationToken,
            ("@hash", hash)
        );

    /// <summary>The answer for anything under the address of a build that is not there; null where there never was one.</summary>
    /// <param name="path">The file asked for: another build may still have it.</param>
    public static async Task<Answer?> WhatItWasAsync(PageContext page, string job, string build, ByteString? path = null)
    {
        if (await FindOfJobAsync(page, job, build) is not { } removed)
            return null;
        var held = path is { } file ? await HeldAsync(page, removed, file) : null;
        return await GoneAsync(page, removed, held);
    }

    /// <summary>The same for the main binary, whatever its path was. One that had none never had an answer there.</summary>
    public static async Task<Answer?> WhatMainBinaryWasAsync(PageContext page, string job, string build) =>
        await FindOfJobAsync(page, job, build) is { MainBinary: { } main } removed
            ? await GoneAsync(page, removed, await HeldAsync(page, removed, main))
            : null;

    /// <summary>410: it was here, and this is what it was.</summary>
    /// <param name="held">Where the same content is still to be had.</param>
    public static ValueTask<Answer> GoneAsync(PageContext page, RemovedBuild build, string? held = null) =>
        Problems.MakeAsync(
            page.Http,
            page.Site,
            page.Now,
            StatusCodes.Status410Gone,
            "Removed",
            Sentence(build) + (held is null ? "" : " Another build has the same content."),
            json =>
            {
                WriteFacts(json, "removed_build", build);
                if (held is not null)
                    json.WriteString("same_content", held);
            },
            held is null ? [] : [new ProblemLink("The same content, from another build", held)]
        );

    public static string Sentence(RemovedBuild build) =>
        $"{build.Job} was built on {build.Platform} then, on {Wording.Exact(build.Started)} ({build.Result}), and removed on {Wording.Date(build.Removed)}. Its uuid was {build.Uuid}.";

    public static void WriteFacts(Utf8JsonWriter json, string name, RemovedBuild build)
    {
        json.WriteStartObject(name);
        json.WriteString("job", build.Job);
        json.WriteString("uuid", build.Uuid.ToString());
        json.WriteString("platform", build.Platform);
        json.WriteString("start_time", Wording.Rfc3339(build.Started));
        json.WriteString("finish_time", Wording.Rfc3339(build.Finished));
        json.WriteString("result", build.Result.ToString());
        json.WriteString("input_id", build.InputId?.ToString());
        if (build.MainBinary is { } main)
        {
            json.WriteStartObject("main_binary");
            json.WriteString("filename", main.ToString());
            json.WriteString("sha256", build.MainHash?.ToString());
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("main_binary");
        }
        json.WriteString("removed", Wording.Rfc3339(build.Removed));
        json.WriteEndObject();
    }

    /// <summary>Under another job's name there never was such a build.</summary>
    private static async Task<RemovedBuild?> FindOfJobAsync(PageContext page, string job, string build) =>
        BuildUuid.TryParse(build, out var uuid) && await FindAsync(page.Session, uuid, page.Stop) is { } removed && removed.Job == job
            ? removed
            : null;

    private static async Task<string?> HeldAsync(PageContext page, RemovedBuild removed, ByteString path)
    {
        var hash = await page.Session.QueryFirstAsync(
            "SELECT sha256 FROM removed_artifact WHERE removed_build = @build AND filepath = @path",
            static row => (Sha256Digest?)row.Digest(0),
            page.Stop,
            ("@build", removed.Id),
            ("@path", path)
        );
        return hash is { } content && await BuildLookup.FileByHashAsync(page.Session, content, page.Stop) is { } file
            ? Href.Artifact(file.Job, file.Uuid, file.Path)
            : null;
    }

    private static RemovedBuild Read(Row row) =>
        new(
            row.Integer(0),
            row.Text(1),
            row.Uuid(2),
            row.Text(3),
            row.Timestamp(4),
            row.Timestamp(6),
            row.IsNull(8) ? null : row.Bytes(8),
            row.Result(9),
            row.Timestamp(12),
            row.IsNull(14) ? null : row.Digest(14),
            row.IsNull(15) ? null : row.Digest(15)
        );
}

/// <param name="MainBinary">Its path.</param>
/// <param name="MainHash">The hash of its content.</param>
internal sealed record RemovedBuild(
    long Id,
    string Job,
    BuildUuid Uuid,
    string Platform,
    Timestamp Started,
    Timestamp Removed,
    ByteString? MainBinary,
    ExecutionResult Result,
    Timestamp Finished,
    Sha256Digest? InputId,
    Sha256Digest? MainHash
);

using System.IO.Compression;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Ingestion;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Builds;

/// <summary>A build as one file: all its artifacts, or the whole of it as it was uploaded. Both are written as they are sent.</summary>
internal static class ArchiveEndpoints
{
    /// <summary>rw-rw-r-- and rwxrwxr-x.</summary>
    private const int Readable = 0x1B4;
    private const int Program = 0x1FD;

    public static void MapArchives(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/job/{job}/build/{build}/all.tar.gz", Verbs.Read, ArchiveAsync);
        routes.MapMethods("/job/{job}/build/{build}/exec", Verbs.Read, ExecAsync);
    }

    private static async Task ArchiveAsync(
        HttpContext http,
        string job,
        string build,
        PageResponder pages,
        BuilderDatabase database,
        IArtifactStore store,
        ExpensiveWork expensive
    )
    {
        if (await FindAsync(http, job, build, database) is not { Found: { } facts } found)
        {
            await NotFoundAsync(http, pages, job, build);
            return;
        }
        if (IsAnswered(http, $"{facts.Job}-{facts.Uuid}.tar.gz", "application/gzip", ETags.Strong($"{facts.Uuid}-all")))
            return;
        using var turn = await expensive.EnterArchiveAsync(http.RequestAborted);
        if (!turn.IsGranted)
        {
            await BusyAsync(http, pages);
            return;
        }
        await expensive.RunAsync(async () =>
        {
            await WriteAsync(http, facts, found.Artifacts, store);
            return true;
        });
    }

    private static async Task WriteAsync(HttpContext http, BuildFacts build, List<ArtifactFacts> artifacts, IArtifactStore store)
    {
        await using var gzip = new GZipStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        foreach (var artifact in artifacts)
        {
            await using var content =
                await store.OpenAsync(artifact.Hash, http.RequestAborted)
                ?? throw new InvalidDataException(
                    $"the content of {artifact.Path}, SHA-256 {artifact.Hash}, is missing; \"builder db verify-data-dir\" lists all problems"
                );
            // Nothing in it depends on when or where it is written: the same build, the same bytes.
            var isProgram = artifact.Path.Span.StartsWith("bin/"u8);
            var started = Math.Max(0, build.Started.Ticks / TimeSpan.TicksPerSecond);
            await gzip.WriteAsync(
                TarHeader.Of(artifact.Path, content.Length, started, isProgram ? Program : Readable),
                http.RequestAborted
            );
            await content.Stream.CopyToAsync(gzip, http.RequestAborted);
            await gzip.WriteAsync(TarHeader.Padding(content.Length), http.RequestAborted);
        }
        await gzip.WriteAsync(TarHeader.End, http.RequestAborted);
    }

    private static async Task ExecAsync(
        HttpContext http,
        string job,
        string build,
        PageResponder pages,
        BuildExec exec,
        ExpensiveWork expensive
    )
    {
        var stored = BuildUuid.TryParse(build, out var uuid) ? await exec.FindAsync(uuid, http.RequestAborted) : null;
        if (stored is null || stored.Job.ToString() != job)
        {
            await NotFoundAsync(http, pages, job, build);
            return;
        }
        if (IsAnswered(http, $"{stored.Uuid}.exec", "application/octet-stream", ETags.Strong($"{stored.Uuid}-exec")))
            return;
        using var turn = await expensive.EnterArchiveAsync(http.RequestAborted);
        if (!turn.IsGranted)
        {
            await BusyAsync(http, pages);
            return;
        }
        await exec.WriteAsync(stored, http.Response.Body, http.RequestAborted);
    }

    /// <summary>True where nothing is to be sent: its conditions say so, or it asks only for the headers.</summary>
    private static bool IsAnswered(HttpContext http, string fileName, string contentType, string etag)
    {
        var headers = http.Response.Headers;
        headers.ETag = etag;
        headers.CacheControl = "public, max-age=86400";
        if (ETags.TryAnswer(http, etag))
            return true;
        http.Response.ContentType = contentType;
        headers.ContentDisposition = $"attachment; filename*=UTF-8''{Href.Segment(fileName)}";
        return HttpMethods.IsHead(http.Request.Method);
    }

    private static async Task<(BuildFacts? Found, List<ArtifactFacts> Artifacts)> FindAsync(
        HttpContext http,
        string job,
        string uuid,
        BuilderDatabase database
    )
    {
        await using var session = await database.OpenReadAsync(http.RequestAborted);
        return await BuildEndpoints.FindAsync(session, job, uuid, http.RequestAborted) is { } build
            ? (build, await BuildQueries.ArtifactsAsync(session, build.Id, http.RequestAborted))
            : (null, []);
    }

    private static Task NotFoundAsync(HttpContext http, PageResponder pages, string job, string build)
    {
        Forget(http);
        return pages.RespondUncachedAsync(http, page => RemovedBuilds.WhatItWasAsync(page, job, build));
    }

    private static async Task BusyAsync(HttpContext http, PageResponder pages)
    {
        Forget(http);
        await (await Problems.BusyAsync(http, pages.Site, pages.Now, "Too many archives are being written at the moment.")).SendAsync(http);
    }

    /// <summary>What was said of the file does not hold for the answer in its place.</summary>
    private static void Forget(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.ETag = default;
        headers.CacheControl = default;
        headers.ContentDisposition = default;
    }
}

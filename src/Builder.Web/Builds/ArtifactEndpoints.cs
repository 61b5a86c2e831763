using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Web.Deltas;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;
using Builder.Web.TransparencyLog;

namespace Builder.Web.Builds;

/// <summary>The files that builds left. Whatever is in them never runs in the site's origin.</summary>
internal static class ArtifactEndpoints
{
    public static void MapArtifacts(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/job/{job}/build/{build}/f/{**path}", Verbs.Read, ServeAsync);

    private static async Task ServeAsync(
        HttpContext http,
        string job,
        string build,
        PageResponder pages,
        BuilderDatabase database,
        IArtifactStore store,
        DownloadRedirects redirects,
        DeltaAnswer deltas,
        SiteLog log
    )
    {
        if (http.Request.Query.ContainsKey(ArtifactProof.Query) && Path(http.Request) is { } proven)
        {
            await pages.RespondUncachedAsync(http, page => ArtifactProof.AnswerAsync(page, job, build, proven, log));
            return;
        }
        if (
            Path(http.Request) is not { } path
            || await FindAsync(http, job, build, path, database) is not { Artifact: var artifact, Finished: var finished }
        )
        {
            await NotFoundAsync(http, pages, job, build);
            return;
        }
        var tag = Convert.ToBase64String(artifact.Hash.ToByteArray());
        var version = new FileVersion(ETags.Strong(tag), Wording.Calendar(finished), NeverChanges: true);
        var patchable = new PatchableArtifact(artifact.Path, artifact.Hash, artifact.Size);
        var contentType = ContentTypes.Of(artifact.Path.ToString());
        if (await deltas.TrySendAsync(http, job, patchable, tag, version, () => Describe(http, build, patchable)))
            return;
        if (await redirects.TryAnswerAsync(http, build, artifact.Hash, contentType, version))
            return;
        if (await store.OpenAsync(artifact.Hash, http.RequestAborted) is not { } content)
        {
            await NotFoundAsync(http, pages, job, build);
            return;
        }
        await using (content)
        {
            Describe(http, build, patchable);
            await FileAnswer.SendAsync(http, content, contentType, version);
        }
    }

    private static Task NotFoundAsync(HttpContext http, PageResponder pages, string job, string build) =>
        pages.RespondUncachedAsync(http, page => RemovedBuilds.WhatItWasAsync(page, job, build, Path(http.Request)?.Bytes));

    private static void Describe(HttpContext http, string build, PatchableArtifact artifact)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = SecurityHeaders.Sandbox;
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // One build's artifact never changes; where the build is removed, so is the right to keep it.
        headers.CacheControl = "public, max-age=86400";
        DeltaAnswer.Describe(http, build, artifact);
    }

    /// <summary>From the raw target: names may hold bytes that are not UTF-8, and an encoded slash is no slash.</summary>
    private static ArtifactPath? Path(HttpRequest request)
    {
        var encoded = RawTarget.Of(request).PathFrom(segment: 6);
        return
            encoded.Length >= 2
            && PercentCoding.TryDecode(encoded.AsSpan(1), out var bytes)
            && ArtifactPath.TryParse(bytes, out var path, out _)
            ? path
            : null;
    }

    private static async Task<(ArtifactFacts Artifact, Timestamp Finished)?> FindAsync(
        HttpContext http,
        string job,
        string build,
        ArtifactPath path,
        BuilderDatabase database
    )
    {
        if (!BuildUuid.TryParse(build, out var uuid))
            return null;
        await using var session = await database.OpenReadAsync(http.RequestAborted);
        return await BuildQueries.ArtifactAsync(session, job, uuid, path, http.RequestAborted);
    }
}

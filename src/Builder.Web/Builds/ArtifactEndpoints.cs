using Builder.Protocol;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Web.Shared;

namespace Builder.Web.Builds;

/// <summary>The files that builds left. Whatever is in them never runs in the site's origin.</summary>
internal static class ArtifactEndpoints
{
    public static void MapArtifacts(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/job/{job}/build/{build}/f/{**path}", Verbs.Read, ServeAsync);

    private static async Task ServeAsync(HttpContext http, string job, string build, Pages pages, BuilderDatabase database, IArtifactStore store)
    {
        if (await FindAsync(http, job, build, database) is not { } artifact
            || await store.OpenAsync(artifact.Hash, http.RequestAborted) is not { } content)
        {
            await (await Problems.NotFoundAsync(http, pages.Site, pages.Now)).SendAsync(http);
            return;
        }
        await using (content)
        {
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy = SecurityHeaders.Sandbox;
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            // One build's artifact never changes; where the build is removed, so is the right to keep it.
            headers.CacheControl = "public, max-age=86400";
            var etag = ETags.Strong(Convert.ToBase64String(artifact.Hash.ToByteArray()));
            await FileAnswer.SendAsync(http, content, ContentTypes.Of(artifact.Path.ToString()), etag);
        }
    }

    private static async Task<ArtifactFacts?> FindAsync(HttpContext http, string job, string build, BuilderDatabase database)
    {
        // From the raw target: names may hold bytes that are not UTF-8, and an encoded slash is no slash.
        var encoded = RawTarget.Of(http.Request).PathFrom(segment: 6);
        if (encoded.Length < 2
            || !BuildUuid.TryParse(build, out var uuid)
            || !PercentCoding.TryDecode(encoded.AsSpan(1), out var bytes)
            || !ArtifactPath.TryParse(bytes, out var path, out _))
        {
            return null;
        }
        await using var session = await database.OpenReadAsync(http.RequestAborted);
        return await BuildQueries.ArtifactAsync(session, job, uuid, path, http.RequestAborted);
    }
}

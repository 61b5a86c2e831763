using System.Text;
using Builder.Storage.Database;
using Builder.Web.Builds;
using Builder.Web.Shared;

namespace Builder.Web.Pictures;

/// <summary>Pictures as pages of their own: they stand in a frame on the build page, in an origin of nobody's.</summary>
internal static class PictureEndpoints
{
    public static void MapPictures(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/job/{job}/build/{build}/viztreemap", Verbs.Read, (HttpContext http, string job, string build, Pages pages, BuilderDatabase database, PictureMaker maker) =>
            AnswerAsync(http, job, build, pages, database, maker.TreemapAsync));
        routes.MapMethods("/job/{job}/build/{build}/vizdependencies", Verbs.Read, (HttpContext http, string job, string build, Pages pages, BuilderDatabase database, PictureMaker maker) =>
            AnswerAsync(http, job, build, pages, database, maker.DependenciesAsync));
    }

    private static async Task AnswerAsync(
        HttpContext http, string job, string uuid, Pages pages, BuilderDatabase database,
        Func<BuildFacts, IReadOnlyList<ArtifactFacts>, CancellationToken, Task<Picture>> draw)
    {
        BuildFacts? build;
        List<ArtifactFacts> artifacts = [];
        await using (var session = await database.OpenReadAsync(http.RequestAborted))
        {
            build = await BuildEndpoints.FindAsync(session, job, uuid, http.RequestAborted);
            if (build is not null)
                artifacts = await BuildQueries.ArtifactsAsync(session, build.Id, http.RequestAborted);
        }
        if (build is null)
        {
            await (await Problems.NotFoundAsync(http, pages.Site, pages.Now)).SendAsync(http);
            return;
        }
        var picture = await draw(build, artifacts, http.RequestAborted);
        http.Response.Headers.ContentSecurityPolicy = SecurityHeaders.Picture;
        http.Response.Headers["Cross-Origin-Opener-Policy"] = default;
        var answer = picture switch
        {
            { Page: { } page } => Answer.Html(page),
            { Reason: { } reason } => Answer.Html(WithoutPicture(reason), StatusCodes.Status404NotFound),
            _ => Answer.Html(WithoutPicture("Too many pictures are being drawn at the moment."), StatusCodes.Status503ServiceUnavailable),
        };
        await answer.SendAsync(http);
    }

    /// <summary>As small as the frame it stands in.</summary>
    private static byte[] WithoutPicture(string reason) => Encoding.UTF8.GetBytes(
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>No picture</title><style>:root{{color-scheme:light dark}}body{{font:15px/1.5 system-ui,sans-serif;margin:1rem}}</style><p>{Markup.Encode(reason)}</p></html>");
}

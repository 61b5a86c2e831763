using System.Text;
using Builder.Storage.Database;
using Builder.Web.Builds;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Pictures;

/// <summary>Pictures as pages of their own: they stand in a frame on the build page, in an origin of nobody's.</summary>
internal static class PictureEndpoints
{
    public static void MapPictures(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/job/{job}/build/{build}/viztreemap",
            Verbs.Read,
            (HttpContext http, string job, string build, PictureSources sources) =>
                AnswerAsync(http, job, build, sources, PictureOrder.Treemap, "This build left no binary.")
        );
        routes.MapMethods(
            "/job/{job}/build/{build}/vizdependencies",
            Verbs.Read,
            (HttpContext http, string job, string build, PictureSources sources) =>
                AnswerAsync(
                    http,
                    job,
                    build,
                    sources,
                    (_, artifacts) =>
                        PictureOrder.Dependencies(artifacts, http.Request.Query["root"] is [{ Length: > 0 } root] ? root : null),
                    "This build recorded no opam switch."
                )
        );
    }

    private static async Task AnswerAsync(
        HttpContext http,
        string job,
        string uuid,
        PictureSources sources,
        Func<BuildFacts, IReadOnlyList<ArtifactFacts>, PictureOrder?> choose,
        string reasonForNone
    )
    {
        BuildFacts? build;
        List<ArtifactFacts> artifacts = [];
        await using (var session = await sources.Database.OpenReadAsync(http.RequestAborted))
        {
            build = await BuildEndpoints.FindAsync(session, job, uuid, http.RequestAborted);
            if (build is not null)
                artifacts = await BuildQueries.ArtifactsAsync(session, build.Id, http.RequestAborted);
        }
        if (build is null)
        {
            await sources.Pages.RespondUncachedAsync(http, page => RemovedBuilds.WhatItWasAsync(page, job, uuid));
            return;
        }
        var picture = choose(build, artifacts) is { } order
            ? await sources.Maker.MakeAsync(order, http.RequestAborted)
            : Picture.None(reasonForNone);
        if (picture.IsOld)
            sources.Preparation.Enqueue(build.Uuid);
        http.Response.Headers.ContentSecurityPolicy = SecurityHeaders.Picture;
        http.Response.Headers["Cross-Origin-Opener-Policy"] = default;
        var answer = picture switch
        {
            { Page: { } page } => Answer.Html(page),
            { Reason: { } reason } => WithoutPicture(http, StatusCodes.Status404NotFound, "No picture", reason),
            _ => WithoutPicture(http, StatusCodes.Status503ServiceUnavailable, "Busy", "Too many pictures are being drawn at the moment."),
        };
        await answer.SendAsync(http);
    }

    /// <summary>As small as the frame it stands in; problem details for programs.</summary>
    private static Answer WithoutPicture(HttpContext http, int status, string title, string reason)
    {
        if (JsonText.IsWanted(http.Request))
            return Problems.Json(status, title, reason);
        var page =
            $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>No picture</title><style>:root{{color-scheme:light dark}}body{{font:15px/1.5 system-ui,sans-serif;margin:1rem}}</style><p>{Markup.Encode(reason)}</p></html>";
        return Answer.Html(Encoding.UTF8.GetBytes(page), status);
    }
}

/// <summary>What pictures are made of and from.</summary>
internal sealed record PictureSources(PageResponder Pages, BuilderDatabase Database, PictureMaker Maker, PicturePreparation Preparation);

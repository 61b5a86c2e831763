using Builder.Protocol.Values;
using Builder.Web.Find;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Builds;

/// <summary>The advisories that apply to one build, for programs; the page of the build shows them to people.</summary>
internal static class BuildAdvisoryEndpoints
{
    public static void MapBuildAdvisories(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/build/{build}/advisories",
            Verbs.Read,
            (HttpContext http, string build, PageResponder pages) => pages.RespondAsync(http, page => ByUuidAsync(page, build))
        );
        routes.MapMethods(
            "/job/{job}/build/{build}/advisories",
            Verbs.Read,
            (HttpContext http, string job, string build, PageResponder pages, AdvisoryFolder folder, ContentIndexing indexing) =>
            {
                var list = folder.Current;
                return pages.RespondAsync(
                    http,
                    page => AnswerAsync(page, list, job, build),
                    FindEndpoints.Variant(list, indexing),
                    job: job
                );
            }
        );
    }

    private static async Task<Answer?> ByUuidAsync(PageContext page, string build) =>
        BuildUuid.TryParse(build, out var uuid) && await BuildLookup.ByUuidAsync(page.Session, uuid, page.Stop) is { } found
            ? Answer.Redirect(StatusCodes.Status302Found, Href.Part(found.Job, found.Uuid, "advisories"))
            : null;

    private static async Task<Answer?> AnswerAsync(PageContext page, AdvisoryList list, string job, string uuid)
    {
        if (await BuildEndpoints.FindAsync(page.Session, job, uuid, page.Stop) is not { } build)
            return await RemovedBuilds.WhatItWasAsync(page, job, uuid);
        if (await BuildAdvisories.FindAsync(page.Session, build.Id, build.Platform, list, page.Stop) is { } matches)
            return Answer.Json(json => FindJson.Write(json, matches, build.Job, list));
        return await Problems.MakeAsync(
            page.Http,
            page.Site,
            page.Now,
            StatusCodes.Status409Conflict,
            "Contents unknown",
            "Nothing that this build left names its packages, or it is not in the index yet."
        );
    }
}

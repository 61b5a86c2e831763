using Builder.Proof.Sbom;
using Builder.Web.Builds;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Sbom;

/// <summary>The list of what a build was made of, in the two formats that tools read.</summary>
internal static class SbomEndpoints
{
    public const string CycloneDxName = "sbom.cdx.json";
    public const string SpdxName = "sbom.spdx.json";

    public static void MapSbom(this IEndpointRouteBuilder routes)
    {
        Map(routes, CycloneDxName, "application/vnd.cyclonedx+json; version=1.6", static document => document.ToCycloneDx());
        Map(routes, SpdxName, "application/spdx+json", static document => document.ToSpdx());
    }

    private static void Map(IEndpointRouteBuilder routes, string name, string contentType, Func<SbomDocument, byte[]> write) =>
        routes.MapMethods(
            $"/job/{{job}}/build/{{build}}/{name}",
            Verbs.Read,
            (HttpContext http, string job, string build, PageResponder pages, BuildSbom sboms) =>
                pages.RespondAsync(http, page => AnswerAsync(page, job, build, sboms, contentType, write), isExpensive: true, job: job)
        );

    private static async Task<Answer?> AnswerAsync(
        PageContext page,
        string job,
        string uuid,
        BuildSbom sboms,
        string contentType,
        Func<SbomDocument, byte[]> write
    )
    {
        if (await BuildEndpoints.FindAsync(page.Session, job, uuid, page.Stop) is not { } build)
            return await RemovedBuilds.WhatItWasAsync(page, job, uuid);
        var artifacts = await BuildQueries.ArtifactsAsync(page.Session, build.Id, page.Stop);
        return await sboms.ReadAsync(build, artifacts, page.Stop) is { } document
            ? Answer.Document(write(document), contentType)
            : await Problems.MakeAsync(
                page.Http,
                page.Site,
                page.Now,
                StatusCodes.Status404NotFound,
                "No SBOM",
                "No list of components: the build has no main binary."
            );
    }
}

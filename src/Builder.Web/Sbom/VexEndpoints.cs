using System.Globalization;
using Builder.Proof.Sbom;
using Builder.Web.Builds;
using Builder.Web.Find;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Sbom;

/// <summary>Which advisories name packages of a build, and what the operator says of them.</summary>
internal static class VexEndpoints
{
    public const string OpenVexName = "openvex.json";
    public const string CycloneDxName = "vex.cdx.json";

    public static void MapVex(this IEndpointRouteBuilder routes)
    {
        Map(routes, OpenVexName, "application/json", static document => document.ToOpenVex());
        Map(routes, CycloneDxName, "application/vnd.cyclonedx+json; version=1.6", static document => document.ToCycloneDx());
    }

    private static void Map(IEndpointRouteBuilder routes, string name, string contentType, Func<VexDocument, byte[]> write) =>
        routes.MapMethods(
            $"/job/{{job}}/build/{{build}}/{name}",
            Verbs.Read,
            (
                HttpContext http,
                string job,
                string build,
                PageResponder pages,
                BuildSbom sboms,
                AdvisoryFolder folder,
                ContentIndexing indexing
            ) =>
            {
                var list = folder.Current;
                return pages.RespondAsync(
                    http,
                    page => AnswerAsync(page, job, build, sboms, list, contentType, write),
                    FindEndpoints.Variant(list, indexing),
                    isExpensive: true,
                    job: job
                );
            }
        );

    private static async Task<Answer?> AnswerAsync(
        PageContext page,
        string job,
        string uuid,
        BuildSbom sboms,
        AdvisoryList list,
        string contentType,
        Func<VexDocument, byte[]> write
    )
    {
        if (await BuildEndpoints.FindAsync(page.Session, job, uuid, page.Stop) is not { } build)
            return await RemovedBuilds.WhatItWasAsync(page, job, uuid);
        var artifacts = await BuildQueries.ArtifactsAsync(page.Session, build.Id, page.Stop);
        if (await sboms.ReadAsync(build, artifacts, page.Stop) is not { } sbom)
            return await ProblemAsync(page, StatusCodes.Status404NotFound, "No VEX", "The build has no main binary.");
        if (await BuildAdvisories.FindAsync(page.Session, build.Id, build.Platform, list, page.Stop) is not { } matches)
            return await ProblemAsync(
                page,
                StatusCodes.Status409Conflict,
                "Contents unknown",
                "Nothing that this build left names its packages, or it is not in the index yet."
            );
        var document = new VexDocument(
            sbom,
            [
                .. matches.Select(match =>
                {
                    var dismissal = list.DismissalOf(match.Advisory.Id, build.Job);
                    return new VexStatement(match, dismissal?.Because, Time(dismissal?.Time));
                }),
            ]
        );
        return Answer.Document(write(document), contentType);
    }

    private static ValueTask<Answer> ProblemAsync(PageContext page, int status, string title, string detail) =>
        Problems.MakeAsync(page.Http, page.Site, page.Now, status, title, detail);

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}

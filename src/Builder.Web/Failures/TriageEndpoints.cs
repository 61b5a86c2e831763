using Builder.Analysis.Logs;
using Builder.Protocol.Values;
using Builder.Storage.Files;
using Builder.Web.Builds;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Failures;

/// <summary>The first error of any build, for programs: <c>builder triage UUID</c> asks here.</summary>
internal static class TriageEndpoints
{
    public static void MapTriage(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(
            "/triage/{build}",
            Verbs.Read,
            (HttpContext http, string build, PageResponder pages, IBuildFiles files) =>
                pages.RespondAsync(http, page => AnswerAsync(page, build, files), isExpensive: true)
        );

    private static async Task<Answer?> AnswerAsync(PageContext page, string uuid, IBuildFiles files)
    {
        if (
            !BuildUuid.TryParse(uuid, out var parsed)
            || await BuildQueries.FindAsync(page.Session, parsed, page.Stop) is not { } build
            || await files.OpenAsync(build.ConsolePath, page.Stop) is not { } console
        )
            return null;
        await using (console)
        {
            var found = await FirstErrorFinder.FindAsync(console, page.Stop, hasFailed: build.Main is null);
            return Answer.Json(json =>
            {
                json.WriteStartObject();
                if (found is not null)
                    FirstErrorJson.WriteProperties(json, found);
                json.WriteEndObject();
            });
        }
    }
}

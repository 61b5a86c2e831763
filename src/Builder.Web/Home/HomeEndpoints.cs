using Builder.Protocol;
using Builder.Web.Shared;

namespace Builder.Web.Home;

internal static class HomeEndpoints
{
    public static void MapHome(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/", Verbs.Read, (HttpContext http, Pages pages, WebOptions options, Intro intro) =>
            pages.RespondAsync(http, page => AnswerAsync(page, options, intro, everything: options.ExpiredJobsDays <= 0), intro.Version));
        routes.MapMethods(Href.AllBuilds, Verbs.Read, (HttpContext http, Pages pages, WebOptions options, Intro intro) =>
            pages.RespondAsync(http, page => AnswerAsync(page, options, intro, everything: true), intro.Version));
    }

    private static async Task<Answer?> AnswerAsync(PageContext page, WebOptions options, Intro intro, bool everything)
    {
        Timestamp? since = everything ? null : page.Now + TimeSpan.FromDays(-options.ExpiredJobsDays);
        var (platforms, jobs) = await HomeBuilder.JobsAsync(page.Session, since, withSizes: !page.WantsJson, page.Stop);
        if (page.WantsJson)
        {
            // A job without a successful build has never been in it.
            var sections = HomeBuilder.Sections(jobs.Where(job => job.Latest is not null));
            return Answer.Json(json => HomeJson.Write(json, sections));
        }
        var model = new HomePage(
            page.Frame(everything && page.Http.Request.Path != "/" ? "All builds" : "Jobs"),
            everything,
            options.ExpiredJobsDays,
            intro.Html,
            platforms,
            [.. HomeBuilder.Sections(jobs).OrderBy(section => section.Name == HomeBuilder.NoSection)],
            HomeBuilder.Totals(jobs));
        return await Answer.PageAsync(Home.Create(model));
    }
}

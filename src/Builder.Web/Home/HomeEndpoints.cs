using Builder.Analysis.Elf;
using Builder.Protocol;
using Builder.Storage.Artifacts;
using Builder.Web.Builds;
using Builder.Web.Shared;

namespace Builder.Web.Home;

internal static class HomeEndpoints
{
    public static void MapHome(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/", Verbs.Read, (HttpContext http, Pages pages, WebOptions options, Intro intro, Unikernels unikernels) =>
            pages.RespondAsync(http, page => AnswerAsync(page, options, intro, unikernels, everything: options.ExpiredJobsDays <= 0), intro.Version));
        routes.MapMethods(Href.AllBuilds, Verbs.Read, (HttpContext http, Pages pages, WebOptions options, Intro intro, Unikernels unikernels) =>
            pages.RespondAsync(http, page => AnswerAsync(page, options, intro, unikernels, everything: true), intro.Version));
    }

    private static async Task<Answer?> AnswerAsync(PageContext page, WebOptions options, Intro intro, Unikernels unikernels, bool everything)
    {
        Timestamp? since = everything ? null : page.Now + TimeSpan.FromDays(-options.ExpiredJobsDays);
        var (platforms, jobs) = await HomeBuilder.JobsAsync(page.Session, since, withSizes: !page.WantsJson, page.Stop);
        if (page.WantsJson)
        {
            // A job without a successful build has never been in it.
            var sections = HomeBuilder.Sections(jobs.Where(job => job.Latest is not null));
            var solo5 = new Dictionary<Sha256Digest, Solo5>();
            foreach (var job in jobs)
            {
                if (job.Latest is { } latest && await unikernels.FindAsync(latest.MainHash, page.Stop) is { } unikernel)
                    solo5[latest.MainHash] = unikernel;
            }
            return Answer.Json(json => HomeJson.Write(json, sections, solo5));
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

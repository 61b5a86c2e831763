using Builder.Analysis.Elf;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Web.Builds;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Live;
using Builder.Web.Options;
using Builder.Web.Pages;

namespace Builder.Web.Home;

internal static class HomeEndpoints
{
    public static void MapHome(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/",
            Verbs.Read,
            (HttpContext http, PageResponder pages, HomeSources sources) =>
                RespondAsync(http, pages, sources, everything: sources.Options.ExpiredJobsDays <= 0)
        );
        routes.MapMethods(
            Href.AllBuilds,
            Verbs.Read,
            (HttpContext http, PageResponder pages, HomeSources sources) => RespondAsync(http, pages, sources, everything: true)
        );
    }

    private static async Task RespondAsync(HttpContext http, PageResponder pages, HomeSources sources, bool everything)
    {
        var activity = await sources.Activity.CurrentAsync(http.RequestAborted);
        await pages.RespondAsync(
            http,
            page => AnswerAsync(page, sources, activity, everything),
            $"{sources.Intro.Version}|{activity.Signature}"
        );
    }

    private static async Task<Answer?> AnswerAsync(PageContext page, HomeSources sources, ActivitySnapshot activity, bool everything)
    {
        Timestamp? since = everything ? null : page.Now + TimeSpan.FromDays(-sources.Options.ExpiredJobsDays);
        if (since is not null)
            page.Moment.ChangesWithin(TimeSpan.FromMinutes(1));
        var (platforms, jobs, isNew) = await HomeBuilder.JobsAsync(
            page.Session,
            sources.Cells,
            page.StartLimit,
            since,
            activity,
            page.Stop
        );
        if (page.WantsJson)
        {
            // A job without a successful build has never been in it.
            var sections = HomeBuilder.Sections(jobs.Where(job => job.Latest is not null));
            var solo5 = new Dictionary<Sha256Digest, Solo5>();
            foreach (var job in jobs)
            {
                if (job.Latest is { } latest && await sources.Unikernels.FindAsync(latest.MainHash, page.Stop) is { } unikernel)
                    solo5[latest.MainHash] = unikernel;
            }
            return Answer.Json(json => HomeJson.Write(json, sections, solo5));
        }
        var model = new HomePage(
            page.PageLayout(everything && page.Http.Request.Path != "/" ? "All builds" : "Jobs"),
            everything,
            isNew,
            sources.Options.ExpiredJobsDays,
            sources.Intro.Html,
            platforms,
            [.. HomeBuilder.Sections(jobs).OrderBy(section => section.Name == HomeBuilder.NoSection)],
            HomeBuilder.Totals(jobs),
            activity
        );
        return await Answer.PageAsync(Home.Create(model));
    }
}

/// <summary>What the front page is made of beside the database.</summary>
internal sealed record HomeSources(WebOptions Options, HomeCells Cells, Intro Intro, Unikernels Unikernels, Activity Activity);

using System.Globalization;
using Builder.Analysis.Elf;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Web.Builds;
using Builder.Web.Find;
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
            $"{sources.Intro.Version}|{activity.Signature}|{sources.Failures.Version}|{FindEndpoints.Variant(sources.Advisories.Current, sources.Indexing)}"
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
        var (everyPlatform, everyJob, _) = since is null
            ? (platforms, jobs, isNew)
            : await HomeBuilder.JobsAsync(page.Session, sources.Cells, page.StartLimit, null, activity, page.Stop);
        if (page.WantsJson)
        {
            // A job without a successful build has never been in it.
            var known = HomeBuilder.Sections(jobs.Where(job => job.Latest is not null));
            var solo5 = new Dictionary<Sha256Digest, Solo5>();
            foreach (var job in jobs)
            {
                if (job.Latest is { } latest && await sources.Unikernels.FindAsync(latest.MainHash, page.Stop) is { } unikernel)
                    solo5[latest.MainHash] = unikernel;
            }
            return Answer.Json(json => HomeJson.Write(json, known, solo5));
        }
        var alarms = await sources.Alarms.FindAsync(page, jobs, everyJob, activity);
        var view = View(page);
        var totals = HomeBuilder.Totals(jobs);
        // What has not been built for long is left out, but not where the schedule wants it built.
        if (view.Show == HomeTrouble.Overdue)
            (platforms, jobs) = (everyPlatform, everyJob);
        var asked = view.Show is { } trouble
            ? jobs.Where(job => alarms.Any(alarm => alarm.Trouble == trouble && alarm.Job == job.Job.Name)).ToList()
            : jobs;
        IReadOnlyList<HomeSection> sections = view.Sort is null
            ? [.. HomeBuilder.Sections(asked).OrderBy(section => section.Name == HomeBuilder.NoSection)]
            : [new HomeSection($"By {view.Sort}", [.. view.Order(asked)])];
        var model = new HomePage(
            page.PageLayout(everything && page.Http.Request.Path != "/" ? "All builds" : "Jobs") with
            {
                IsLive = true,
            },
            everything,
            isNew,
            sources.Options.ExpiredJobsDays,
            sources.Intro.Html,
            platforms,
            Cut(sections, view.Start),
            totals,
            activity
        )
        {
            View = view,
            Alarms = alarms,
            Shown = asked.Count,
        };
        return await Answer.PageAsync(Home.Create(model));
    }

    /// <summary>What is no view counts as not said.</summary>
    private static HomeView View(PageContext page)
    {
        var show = page.Query("show");
        var sort = page.Query("sort");
        _ = int.TryParse(page.Query("start"), NumberStyles.None, CultureInfo.InvariantCulture, out var start);
        return new HomeView(
            page.Http.Request.Path == Href.AllBuilds ? Href.AllBuilds : Href.Home,
            show is null
                ? null
                : Enum.GetValues<HomeTrouble>()
                    .Where(trouble => HomeAlarm.NameOf(trouble) == show)
                    .Select(static one => (HomeTrouble?)one)
                    .FirstOrDefault(),
            HomeView.Orders.FirstOrDefault(order => order == sort),
            start
        );
    }

    /// <summary>The jobs of one page, in their sections.</summary>
    private static List<HomeSection> Cut(IReadOnlyList<HomeSection> sections, int start)
    {
        var shown = new List<HomeSection>();
        var (skip, take) = (start, HomeView.PageLength);
        foreach (var section in sections)
        {
            var jobs = section.Jobs.Skip(skip).Take(take).ToList();
            skip = Math.Max(0, skip - section.Jobs.Count);
            take -= jobs.Count;
            if (jobs.Count > 0)
                shown.Add(section with { Jobs = jobs, Total = section.Jobs.Count });
        }
        return shown;
    }
}

/// <summary>What the front page is made of beside the database.</summary>
internal sealed record HomeSources(
    WebOptions Options,
    HomeCells Cells,
    Intro Intro,
    Unikernels Unikernels,
    Activity Activity,
    HomeAlarms Alarms,
    IFailureStory Failures,
    AdvisoryFolder Advisories,
    ContentIndexing Indexing
);

using Builder.Storage.Database;
using Builder.Web.Failures;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Jobs;
using Builder.Web.Pages;

namespace Builder.Web.Feeds;

/// <summary>Feeds of builds: of the site, of a job, of failures, of changed verdicts.</summary>
internal static class FeedEndpoints
{
    private const int MaxEntries = 50;

    public static void MapFeeds(this IEndpointRouteBuilder routes)
    {
        Map(routes, Href.SiteFeed, static page => BuildsAsync(page, $"Builds · {page.Site.Title}", Href.SiteFeed, "/", null));
        Map(routes, Href.FailureFeed, FailuresAsync);
        Map(routes, Href.VerdictFeed, VerdictsAsync);
        routes.MapMethods(
            "/job/{job}/feed.atom",
            Verbs.Read,
            (HttpContext http, string job, PageResponder pages, FailureReading reading) =>
                pages.RespondAsync(http, page => JobAsync(page, job), Variant(http, reading), job: job)
        );
    }

    private static void Map(IEndpointRouteBuilder routes, string path, Func<PageContext, Task<Answer?>> make) =>
        routes.MapMethods(
            path,
            Verbs.Read,
            (HttpContext http, PageResponder pages, FailureReading reading) =>
                pages.RespondAsync(http, make, Variant(http, reading), isExpensive: true)
        );

    /// <summary>The feed names the site in full.</summary>
    private static string Variant(HttpContext http, FailureReading reading) => $"{SiteOrigin.Of(http.Request)}|{reading.Version}";

    private static async Task<Answer?> JobAsync(PageContext page, string name) =>
        await JobQueries.FindAsync(page.Session, name, page.Stop) is { } job
            ? await BuildsAsync(page, $"{name} · {page.Site.Title}", Href.JobFeed(name), Href.Job(name), job)
            : null;

    private static async Task<Answer?> BuildsAsync(PageContext page, string title, string path, string shown, JobFacts? job)
    {
        var builds = await FeedQueries.NewestAsync(page.Session, job?.Id, MaxEntries, page.Stop);
        return AtomFeed.Make(
            page,
            title,
            path,
            shown,
            [.. builds.Select(static build => Entry(build, $"urn:uuid:{build.Uuid}", build.Title))]
        );
    }

    private static async Task<Answer?> FailuresAsync(PageContext page)
    {
        var failures = await FailureQueries.PageAsync(page.Session, null, 0, MaxEntries, page.Stop);
        return AtomFeed.Make(
            page,
            $"Failures · {page.Site.Title}",
            Href.FailureFeed,
            Href.FailedBuilds,
            [
                .. failures.Select(static failure => new AtomEntry(
                    $"urn:uuid:{failure.Uuid}",
                    $"{failure.Job} on {failure.Platform}: {failure.Error?.Summary ?? failure.Result.ToString()}",
                    AtomFeed.Time(failure.Finished),
                    Href.Build(failure.Job, failure.Uuid),
                    failure.Error?.Text ?? failure.Result.ToString() ?? ""
                )),
            ]
        );
    }

    /// <summary>Builds that left another verdict than the build before them, of the newest ones.</summary>
    private static async Task<Answer?> VerdictsAsync(PageContext page)
    {
        var entries = new List<AtomEntry>();
        foreach (var build in await FeedQueries.NewestAsync(page.Session, null, MaxEntries, page.Stop))
        {
            var before = await FeedQueries.BeforeAsync(page.Session, build, page.Stop);
            var (was, now) = (
                before is null ? null : await StateAsync(page.Session, before, page.Stop),
                await StateAsync(page.Session, build, page.Stop)
            );
            if (was is not null && was != now)
                entries.Add(
                    Entry(build, $"{Href.Build(build.Job, build.Uuid)}#verdict", $"{build.Job} on {build.Platform}: {was} → {now}")
                );
        }
        return AtomFeed.Make(page, $"Verdict changes · {page.Site.Title}", Href.VerdictFeed, "/", entries);
    }

    private static async Task<string> StateAsync(DatabaseSession session, FeedBuild build, CancellationToken cancellationToken) =>
        build.Output is null ? "failed"
        : build.InputId is not null && await FeedQueries.HasOtherOutputAsync(session, build, cancellationToken) ? "not reproducible"
        : "succeeded";

    private static AtomEntry Entry(FeedBuild build, string id, string title) =>
        new(id, title, AtomFeed.Time(build.Finished), Href.Build(build.Job, build.Uuid), build.Summary);
}

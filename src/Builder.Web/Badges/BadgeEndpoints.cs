using Builder.Storage.Differences;
using Builder.Web.Home;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Jobs;
using Builder.Web.Live;
using Builder.Web.Pages;

namespace Builder.Web.Badges;

/// <summary>Badges of jobs, for other people's pages.</summary>
internal static class BadgeEndpoints
{
    /// <summary>Seconds for which a badge may be kept.</summary>
    private const int MaxAge = 60;

    public static void MapBadges(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
            "/job/{job}/badge.svg",
            Verbs.Read,
            (HttpContext http, string job, PageResponder pages, Activity activity) =>
                RespondAsync(http, job, pages, activity, isPicture: true)
        );
        routes.MapMethods(
            "/job/{job}/badge.json",
            Verbs.Read,
            (HttpContext http, string job, PageResponder pages, Activity activity) =>
                RespondAsync(http, job, pages, activity, isPicture: false)
        );
        routes.MapMethods(
            "/badge/{job}.json",
            Verbs.Read,
            (HttpContext http, string job) => Results.Redirect($"{Href.Job(job)}/badge.json{http.Request.QueryString}", permanent: true)
        );
    }

    private static async Task RespondAsync(HttpContext http, string job, PageResponder pages, Activity activity, bool isPicture)
    {
        var now = await activity.CurrentAsync(http.RequestAborted);
        // It stands on pages of others: it says nothing that this site does not show to everybody.
        http.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        http.Response.Headers.AccessControlAllowOrigin = "*";
        await pages.RespondAsync(http, page => AnswerAsync(page, job, now, isPicture), now.Signature, job: job);
    }

    private static async Task<Answer?> AnswerAsync(PageContext page, string name, ActivitySnapshot activity, bool isPicture)
    {
        var show = page.Query("show") ?? "status";
        if (show is not ("status" or "reproducible" or "size" or "version"))
            return await Problems.MakeAsync(
                page.Http,
                page.Site,
                page.Now,
                StatusCodes.Status400BadRequest,
                "Unknown badge",
                "?show= takes status, reproducible, size or version."
            );
        var platform = page.Query("platform");
        var job = await JobQueries.FindAsync(page.Session, name, page.Stop);
        var cells = job is null
            ? []
            : (await HomeQueries.CellsAsync(page.Session, job.Id, page.StartLimit, page.Stop))
                .Where(cell => (platform is null || cell.Platform == platform) && (cell.Good ?? (object?)cell.Bad) is not null)
                .ToList();
        var badge = show switch
        {
            "reproducible" => await ReproducibleAsync(page, cells),
            "size" => new Badge("size", Latest(cells) is { } good ? Wording.Bytes(good.MainSize) : "never built", BadgeColor.Plain),
            "version" => await VersionAsync(page, name, cells),
            _ => Status(cells, IsActive(activity, name, platform)),
        };
        return isPicture
            ? Answer.Document(System.Text.Encoding.UTF8.GetBytes(badge.ToSvg()), "image/svg+xml; charset=utf-8").WithTag(MaxAge)
            : Answer.Json(json => badge.Write(json, MaxAge)).WithTag(MaxAge);
    }

    private static Badge Status(List<CellRow> cells, bool isActive)
    {
        if (isActive)
            return new Badge("build", "building", BadgeColor.Active);
        if (cells.Count == 0)
            return new Badge("build", "never built", BadgeColor.Plain);
        var failing = cells.Count(IsFailing);
        return failing == 0 ? new Badge("build", "passing", BadgeColor.Good)
            : failing == cells.Count ? new Badge("build", "failing", BadgeColor.Bad)
            : new Badge(
                "build",
                $"failing on {string.Join(", ", cells.Where(IsFailing).Select(static cell => cell.Platform))}",
                BadgeColor.Bad
            );
    }

    private static bool IsFailing(CellRow cell) => cell.Bad is { } bad && (cell.Good is null || bad.Started > cell.Good.Started);

    private static async Task<Badge> ReproducibleAsync(PageContext page, List<CellRow> cells)
    {
        var verdicts = new List<VerdictKind>();
        foreach (var cell in cells.Where(static cell => cell.Good is not null))
        {
            var good = cell.Good!;
            var verdict = good.Verdict;
            if (verdict.Kind == VerdictKind.NotReproducible)
            {
                var stored = await DifferenceRows.OfOutputsAsync(page.Session, [good.MainHash], page.Stop);
                var expected = await ExpectedDifferenceRows.OfJobsAsync(page.Session, [cell.Job], page.Stop);
                verdict = verdict.With(VerdictReason.Of(stored.GetValueOrDefault(good.MainHash), expected.GetValueOrDefault(cell.Job)));
            }
            verdicts.Add(verdict.Kind);
        }
        const string Label = "reproducible";
        return verdicts.Count == 0 ? new Badge(Label, cells.Count == 0 ? "never built" : "failing", BadgeColor.Plain)
            : verdicts.Contains(VerdictKind.NotReproducible) ? new Badge(Label, "no", BadgeColor.Warn)
            : verdicts.Contains(VerdictKind.InputsUnknown) ? new Badge(Label, "inputs unknown", BadgeColor.Plain)
            : verdicts.Contains(VerdictKind.BuiltOnce) ? new Badge(Label, "built once", BadgeColor.Plain)
            : verdicts.Contains(VerdictKind.ReproducedBut) ? new Badge(Label, "yes, but for expected differences", BadgeColor.Good)
            : new Badge(Label, "yes", BadgeColor.Good);
    }

    private static async Task<Badge> VersionAsync(PageContext page, string job, List<CellRow> cells)
    {
        if (Latest(cells) is not { } good)
            return new Badge("version", "never built", BadgeColor.Plain);
        var version = await BadgeQueries.VersionAsync(page.Session, good.Uuid, job, page.Stop);
        return new Badge("version", version ?? "unknown", BadgeColor.Plain);
    }

    private static GoodBuild? Latest(List<CellRow> cells) =>
        cells.Select(static cell => cell.Good).OfType<GoodBuild>().MaxBy(static good => good.Started);

    /// <summary>Running, or waiting in a queue.</summary>
    private static bool IsActive(ActivitySnapshot activity, string job, string? platform) =>
        activity.Info is { } info
        && (
            info.Running.Any(running =>
                running.Job.Name.ToString() == job && (platform is null || running.Job.Platform.ToString() == platform)
            )
            || info.Queues.Any(queue =>
                (platform is null || queue.Platform.ToString() == platform) && queue.Jobs.Any(waiting => waiting.Name.ToString() == job)
            )
        );
}

using System.Globalization;
using Builder.Web.Home;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Failures;

internal static class FailureEndpoints
{
    private const int UsualCount = 20;
    private const int MaxConcurrent = 200;
    private const long Deepest = 1_000_000;

    public static void MapFailures(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(
            Href.FailedBuilds,
            Verbs.Read,
            (HttpContext http, PageResponder pages, HomeCells cells, FailureReading reading) =>
                pages.RespondAsync(http, page => AnswerAsync(page, cells), reading.Version.ToString(CultureInfo.InvariantCulture))
        );

    private static async Task<Answer?> AnswerAsync(PageContext page, HomeCells cells)
    {
        var platform = page.Query("platform");
        var start = Math.Min(Number(page.Query("start")) ?? 0, Deepest);
        var count = (int)Math.Clamp(Number(page.Query("count")) ?? UsualCount, 1, MaxConcurrent);
        // One more than is shown tells whether there is a next page.
        var fingerprint = page.Query("fingerprint");
        var failures = fingerprint is null
            ? await FailureQueries.PageAsync(page.Session, platform, start, count + 1, page.Stop)
            : await FailureQueries.OfErrorAsync(page.Session, fingerprint, start, count + 1, page.Stop);
        var platforms = await FailureQueries.PlatformsAsync(page.Session, page.Stop);
        var model = new FailurePage(
            page.PageLayout(
                fingerprint is not null ? "Builds with the same error"
                    : platform is null ? "Failures"
                    : $"Failures on {platform}",
                NavigationEntry.Failures
            ) with
            {
                Feed = Href.FailureFeed,
            },
            platform,
            platforms,
            start,
            count,
            failures.Count > count,
            [.. failures.Take(count)]
        )
        {
            Fingerprint = fingerprint,
            NotReproducible = start > 0 || fingerprint is not null ? [] : await NotReproducibleAsync(page, cells, platform),
            Groups = start > 0 || fingerprint is not null ? [] : await FailureGroups.FindAsync(page, cells, platform),
        };
        if (page.WantsJson)
            return Answer.Json(json => FailureJson.Write(json, model));
        return await Answer.PageAsync(Failures.Create(model));
    }

    /// <summary>Jobs whose latest output is not reproducible, by cause, the most frequent first; what is not known comes last.</summary>
    private static async Task<IReadOnlyList<CauseGroup>> NotReproducibleAsync(PageContext page, HomeCells cells, string? platform)
    {
        var jobs = await HomeQueries.JobsAsync(page.Session, page.Stop);
        var (rows, _) = await cells.OfAsync(page.Session, jobs, page.StartLimit, page.Stop);
        var names = jobs.ToDictionary(static job => job.Id, static job => job.Name);
        return
        [
            .. rows.Where(row => row.Good?.Reason is { IsExpected: false } && (platform is null || row.Platform == platform))
                .Select(row => new NotReproducible(names[row.Job], row.Platform, row.Good!))
                .GroupBy(static one => one.Build.Reason!.Summary, StringComparer.Ordinal)
                .Select(static group => new CauseGroup(group.Key, [.. group.OrderBy(static one => one.Job, StringComparer.Ordinal)]))
                .OrderBy(static group => group.Jobs[0].Build.Reason!.Cause is null)
                .ThenByDescending(static group => group.Jobs.Count)
                .ThenBy(static group => group.Cause, StringComparer.Ordinal),
        ];
    }

    /// <summary>What is no number counts as not said. The original takes 0x3 too, so do we.</summary>
    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : text is ['0', 'x' or 'X', .. var digits]
        && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        && number >= 0
            ? number
        : null;
}

public sealed record FailurePage(
    PageLayout PageLayout,
    string? Platform,
    IReadOnlyList<string> Platforms,
    long Start,
    int Count,
    bool HasMore,
    IReadOnlyList<Failure> Failures
)
{
    public IReadOnlyList<CauseGroup> NotReproducible { get; init; } = [];

    /// <summary>What fails now, by first error; empty beyond the first page.</summary>
    public IReadOnlyList<FailureGroup> Groups { get; init; } = [];

    /// <summary>Only failures with this first error are shown.</summary>
    public string? Fingerprint { get; init; }

    public string Address(long start) =>
        $"{Href.FailedBuilds}?{(Platform is null ? "" : $"platform={Href.Segment(Platform)}&")}{(Fingerprint is null ? "" : $"fingerprint={Href.Segment(Fingerprint)}&")}start={start}&count={Count}";
}

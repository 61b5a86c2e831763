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
            (HttpContext http, PageResponder pages, HomeCells cells) => pages.RespondAsync(http, page => AnswerAsync(page, cells))
        );

    private static async Task<Answer?> AnswerAsync(PageContext page, HomeCells cells)
    {
        var platform = page.Query("platform");
        var start = Math.Min(Number(page.Query("start")) ?? 0, Deepest);
        var count = (int)Math.Clamp(Number(page.Query("count")) ?? UsualCount, 1, MaxConcurrent);
        // One more than is shown tells whether there is a next page.
        var failures = await FailureQueries.PageAsync(page.Session, platform, start, count + 1, page.Stop);
        var platforms = await FailureQueries.PlatformsAsync(page.Session, page.Stop);
        var model = new FailurePage(
            page.PageLayout(platform is null ? "Failures" : $"Failures on {platform}", NavigationEntry.Failures),
            platform,
            platforms,
            start,
            count,
            failures.Count > count,
            [.. failures.Take(count)]
        )
        {
            NotReproducible = start > 0 ? [] : await NotReproducibleAsync(page, cells, platform),
        };
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

    public string Address(long start) =>
        $"{Href.FailedBuilds}?{(Platform is null ? "" : $"platform={Href.Segment(Platform)}&")}start={start}&count={Count}";
}

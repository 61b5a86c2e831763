using System.Globalization;
using Builder.Web.Html;
using Builder.Web.Http;
using Builder.Web.Pages;

namespace Builder.Web.Failures;

internal static class FailureEndpoints
{
    private const int UsualCount = 20;
    private const int MostAtOnce = 200;
    private const long Deepest = 1_000_000;

    public static void MapFailures(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(Href.FailedBuilds, Verbs.Read, (HttpContext http, PageResponder pages) => pages.RespondAsync(http, AnswerAsync));

    private static async Task<Answer?> AnswerAsync(PageContext page)
    {
        var platform = page.Query("platform");
        var start = Math.Min(Number(page.Query("start")) ?? 0, Deepest);
        var count = (int)Math.Clamp(Number(page.Query("count")) ?? UsualCount, 1, MostAtOnce);
        // One more than is shown tells whether there is a next page.
        var failures = await FailureQueries.PageAsync(page.Session, platform, start, count + 1, page.Stop);
        var platforms = await FailureQueries.PlatformsAsync(page.Session, page.Stop);
        var model = new FailurePage(
            page.Frame(platform is null ? "Failures" : $"Failures on {platform}", Place.Failures), platform, platforms, start, count, failures.Count > count, [.. failures.Take(count)]);
        return await Answer.PageAsync(Failures.Create(model));
    }

    /// <summary>What is no number counts as not said. The original takes 0x3 too, so do we.</summary>
    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : text is ['0', 'x' or 'X', .. var digits] && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number) && number >= 0 ? number
        : null;
}

public sealed record FailurePage(
    Frame Frame, string? Platform, IReadOnlyList<string> Platforms, long Start, int Count, bool HasMore, IReadOnlyList<Failure> Failures)
{
    public string Address(long start) =>
        $"{Href.FailedBuilds}?{(Platform is null ? "" : $"platform={Href.Segment(Platform)}&")}start={start}&count={Count}";
}

namespace Builder.Web.Pages;

/// <summary>
/// What a page says after something was done on it: its address carries one of these words, and never a text, so that nobody can put words into this site's mouth.
/// </summary>
internal static class Notices
{
    public const string Parameter = "done";

    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["run"] = "The job is first in its queue.",
        ["cancel"] = "The build is told to end. It is recorded as cancelled.",
        ["reschedule"] = "The schedule is changed.",
        ["drop"] = "The platform is suspended: its jobs wait until it is resumed.",
        ["undrop"] = "The platform is resumed.",
        ["drain"] = "The worker gets no further jobs. What it builds now goes on.",
        ["undrain"] = "The worker gets jobs again.",
        ["retry"] = "It will be tried again now.",
        ["rebuild"] = "The affected jobs are first in their queues.",
        ["dismiss"] = "The advisory is dismissed.",
        ["account"] = "The account is changed.",
        ["session"] = "The session has ended.",
        ["token"] = "The token is revoked.",
    };

    public static string? Of(HttpRequest request) => request.Query[Parameter] is [{ } word] ? Texts.GetValueOrDefault(word) : null;

    /// <param name="page">Path-absolute, of this site.</param>
    public static string After(string page, string word)
    {
        var (path, query) = page.Split('?', 2) is [var left, var right] ? (left, right) : (page, "");
        var kept = query
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(static pair => !pair.StartsWith(Parameter + "=", StringComparison.Ordinal));
        return $"{path}?{string.Join('&', kept.Append($"{Parameter}={word}"))}";
    }
}

using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Builder.Protocol.Values;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Html;

/// <summary>The few components that stand within a line: badges, times, hashes, sparklines. Whatever goes in is encoded here.</summary>
internal static class Markup
{
    /// <summary>For all text of strangers: nothing in it is markup, and nothing in it is hidden.</summary>
    public static HtmlEncoder Encoder { get; } = new VisibleHtmlEncoder();

    public static HtmlString Badge(string style, string text) => new($"<span class=\"badge {style}\">{Encode(text)}</span>");

    public static HtmlString Badge(Verdict verdict) => Badge(verdict.Style, verdict.Short);

    /// <summary>The verdict and, where it is not reproducible, why: read aloud "not reproducible: build time in info.txt".</summary>
    public static HtmlString Badge(Verdict verdict, VerdictReason? reason) =>
        reason is null ? Badge(verdict) : new HtmlString($"{Badge(verdict.With(reason))}{Reason(reason)}");

    public static HtmlString LongBadge(Verdict verdict, VerdictReason? reason) =>
        reason is null ? LongBadge(verdict) : Badge(verdict, reason);

    public static HtmlString LongBadge(Verdict verdict) => Badge(verdict.Style, verdict.Long);

    /// <summary>The whole path and both values are shown on hover.</summary>
    private static string Reason(VerdictReason reason)
    {
        var variation = reason.Variation is { } varied ? $" {Encode(varied)}" : "";
        if (reason.Cause is not { } cause)
            return $"<span class=\"sr\">: </span><span class=\"why\">{Encode(reason.Summary)}{variation}</span>";
        var others = reason.Others > 0 ? $" <span class=\"dim\">and {Wording.Count(reason.Others, "more cause")}</span>" : "";
        var place = reason.Place is { } path ? $" in <code>{Encode(path)}</code>" : "";
        var evidence = Encode($"{cause.Path}: {cause.Left} / {cause.Right}");
        var colon = reason.IsExpected ? " " : ": ";
        return $"<span class=\"sr\">{colon}</span><span class=\"why\" title=\"{evidence}\">{Encode(reason.Summary)}{place}{variation}{others}</span>";
    }

    /// <summary>A build in a row of them: a colour to the eye, words to everybody else.</summary>
    public static HtmlString Mark(string address, JobMark mark)
    {
        var label = Encode($"{Wording.Moment(mark.Started)}: {mark.Verdict.Short}");
        return new HtmlString(
            $"<a class=\"{mark.Verdict.Style}\" href=\"{Encode(address)}\" title=\"{label}\"><span class=\"sr\">{label}</span></a>"
        );
    }

    /// <summary>Relative to the eye, exact on hover and for machines.</summary>
    public static HtmlString Time(Timestamp time, PageClock moment) =>
        new($"<time datetime=\"{Wording.Rfc3339(time)}\" title=\"{Wording.Exact(time)}\">{moment.Relative(time)}</time>");

    /// <summary>A hash that a script gives a copy button.</summary>
    public static HtmlString Hash(string hex) => new($"<span class=\"hash\" data-copy=\"{hex}\" data-copy-name=\"SHA-256\">{hex}</span>");

    /// <summary>Sizes over time as a line, the last one marked. Nothing where there is no change to show.</summary>
    public static HtmlString Sparkline(IReadOnlyList<long> sizes)
    {
        var (lowest, highest) = sizes.Count == 0 ? (0, 0) : (sizes.Min(), sizes.Max());
        if (lowest == highest)
            return HtmlString.Empty;
        const double width = 96,
            height = 20;
        var span = highest - lowest;
        var path = new StringBuilder();
        double x = 0,
            y = 0;
        for (var index = 0; index < sizes.Count; index++)
        {
            x = width * index / (sizes.Count - 1);
            y = height - 2 - ((height - 4) * (sizes[index] - lowest) / span);
            path.Append(CultureInfo.InvariantCulture, $"{(index == 0 ? 'M' : 'L')}{x:0.#} {y:0.#}");
        }
        var label = $"Size of the main binary over {sizes.Count} builds: from {Wording.Bytes(sizes[0])} to {Wording.Bytes(sizes[^1])}";
        return new HtmlString(
            string.Create(
                CultureInfo.InvariantCulture,
                $"<svg class=\"spark\" width=\"96\" height=\"20\" viewBox=\"0 0 96 20\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\" role=\"img\" aria-label=\"{label}\"><path d=\"{path}\"/><circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"2\" stroke=\"none\"/></svg>"
            )
        );
    }

    /// <summary>The lines of a chart by name, in its colours.</summary>
    public static HtmlString Legend(IEnumerable<string> names) =>
        new(
            $"<span class=\"legend small\">{string.Concat(names.Select(static (name, index) => $"<span class=\"line{index % 5}\"><i></i>{Encode(name)}</span>"))}</span>"
        );

    /// <summary>A line of a console with its number to link to; no line ends inside, so that it can be an event's data.</summary>
    public static string ConsoleLine(ShownLine line) =>
        $"<li id=\"L{line.Number}\"{(line.IsError ? " class=\"e\"" : "")}><a href=\"#L{line.Number}\">{line.Number}</a><i>{line.Time}</i><span>{line.Html}</span></li>";

    public static string Encode(string text) => Encoder.Encode(text);
}

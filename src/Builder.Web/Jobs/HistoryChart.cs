using System.Globalization;
using System.Text;
using Builder.Web.Html;
using Microsoft.AspNetCore.Html;

namespace Builder.Web.Jobs;

/// <summary>A number of builds over time, a line for each platform, each build a point that leads to it.</summary>
/// <param name="Title">What is shown, such as "Size of the main binary".</param>
/// <param name="Value">Null where a build has none.</param>
/// <param name="Text">The value as people read it.</param>
public sealed record HistoryChart(string Title, Func<HistoryBuild, double?> Value, Func<double, string> Text)
{
    private const double Width = 640;
    private const double Height = 150;
    private const double Left = 74;
    private const double Right = 12;
    private const double Top = 12;
    private const double Bottom = 24;

    /// <summary>Lines have as many colours; further platforms repeat them.</summary>
    private const int Colours = 5;

    public static IReadOnlyList<HistoryChart> All { get; } =
    [
        new("Size of the main binary", static build => build.Size, static value => Wording.Bytes((long)value)),
        new(
            "Build time",
            static build => build.Size is null ? null : build.Took.TotalSeconds,
            static value => Wording.Duration(TimeSpan.FromSeconds(value))
        ),
        new("Opam packages", static build => build.Packages, static value => Wording.Count((long)value)),
        new(
            "Processor time",
            static build => build.ProcessorTime?.TotalSeconds,
            static value => Wording.Duration(TimeSpan.FromSeconds(value))
        ),
        new("Memory at peak", static build => build.Memory, static value => Wording.Bytes((long)value)),
    ];

    /// <summary>Whether there is a line to draw.</summary>
    public bool Has(IReadOnlyList<HistoryBuild> builds) => builds.Count(build => Value(build) is not null) > 1;

    /// <param name="builds">Of all platforms, each oldest first.</param>
    public HtmlString Draw(string job, IReadOnlyList<HistoryBuild> builds)
    {
        var points = builds.Where(build => Value(build) is not null).ToList();
        var (low, high) = Bounds(points);
        var first = points.Min(static build => build.Started.ToDateTimeOffset().Ticks);
        var last = points.Max(static build => build.Started.ToDateTimeOffset().Ticks);
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"group\" aria-label=\"{Markup.Encode(Title)} over time\">"
        );
        foreach (var (value, y) in new[] { (high, Top), ((low + high) / 2, (Top + Height - Bottom) / 2), (low, Height - Bottom) })
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<path class=\"grid\" d=\"M{Left} {y}H{Width - Right}\"/><text x=\"{Left - 8}\" y=\"{y + 4}\" text-anchor=\"end\">{Markup.Encode(Text(value))}</text>"
            );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left}\" y=\"{Height - 6}\">{Wording.Date(points.MinBy(static build => build.Started)!.Started)}</text><text x=\"{Width - Right}\" y=\"{Height - 6}\" text-anchor=\"end\">{Wording.Date(points.MaxBy(static build => build.Started)!.Started)}</text>"
        );
        var colour = 0;
        foreach (var platform in points.GroupBy(static build => build.Platform))
            Line(svg, job, [.. platform], colour++ % Colours, X, Y);
        return new HtmlString(svg.Append("</svg>").ToString());

        double X(HistoryBuild build) =>
            last == first
                ? (Left + Width - Right) / 2
                : Left + ((Width - Left - Right) * (build.Started.ToDateTimeOffset().Ticks - first) / (last - first));
        double Y(HistoryBuild build) => Height - Bottom - ((Height - Top - Bottom) * (Value(build)!.Value - low) / (high - low));
    }

    private void Line(
        StringBuilder svg,
        string job,
        List<HistoryBuild> builds,
        int colour,
        Func<HistoryBuild, double> x,
        Func<HistoryBuild, double> y
    )
    {
        svg.Append(CultureInfo.InvariantCulture, $"<g class=\"line{colour}\"><path d=\"");
        for (var i = 0; i < builds.Count; i++)
            svg.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{x(builds[i]):0.#} {y(builds[i]):0.#}");
        svg.Append("\"/>");
        foreach (var build in builds)
        {
            var label = Markup.Encode(
                $"{build.Platform}, {Wording.Moment(build.Started)}: {Text(Value(build)!.Value)}{(build.HasOtherInputs ? ", inputs changed" : "")}"
            );
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<a href=\"{Markup.Encode(Href.Build(job, build.Uuid))}\" aria-label=\"{label}\"><circle cx=\"{x(build):0.#}\" cy=\"{y(build):0.#}\" r=\"{(build.HasOtherInputs ? "4.5" : "3")}\"{(build.HasOtherInputs ? " class=\"changed\"" : "")}><title>{label}</title></circle></a>"
            );
        }
        svg.Append("</g>");
    }

    /// <summary>With room above and below, so that a line that stays is in the middle.</summary>
    private (double Low, double High) Bounds(List<HistoryBuild> points)
    {
        var (low, high) = (points.Min(build => Value(build)!.Value), points.Max(build => Value(build)!.Value));
        var room = high > low ? (high - low) * 0.08 : Math.Max(1, high * 0.05);
        return (Math.Max(0, low - room), high + room);
    }
}

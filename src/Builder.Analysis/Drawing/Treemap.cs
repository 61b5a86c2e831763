using System.Globalization;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Drawing;

/// <summary>
/// Draws what a binary is made of: self-contained, without script, in light and dark, readable by keyboard and on paper.
/// </summary>
public static class Treemap
{
    /// <summary>Grows with every change of the drawing: a cached picture of an older version is replaced.</summary>
    public const int Version = 2;

    /// <summary>One SVG of <see cref="TreemapOptions.Width"/>.</summary>
    public static string Svg(Dissection dissection, TreemapOptions options) => Svg(Picture(dissection, options), options);

    /// <summary>What changed between two binaries; areas are the bytes that came or went.</summary>
    public static string Svg(DifferenceNode difference, TreemapOptions options) => Svg(Picture(difference, options), options);

    /// <summary>A page of its own, to open or to embed in a frame: drawings for narrow, middling and wide windows, and a table.</summary>
    public static string Page(Dissection dissection, TreemapOptions options) =>
        PicturePage.Of(
            options.Title,
            PictureStyle.Treemap,
            options.ScriptUrl,
            (svg, width, css) => Picture(dissection, options).Draw(svg, width, withStyle: false, css),
            ["part", "bytes", "share"],
            dissection
                .TopLevel()
                .Take(PicturePage.MaxRows)
                .Select(part =>
                    (string[])
                        [part.Key, part.Value.ToString("N0", CultureInfo.InvariantCulture), Units.Share(part.Value, dissection.Root.Size)]
                )
        );

    public static string Page(DifferenceNode difference, TreemapOptions options) =>
        PicturePage.Of(
            options.Title,
            PictureStyle.Treemap,
            options.ScriptUrl,
            (svg, width, css) => Picture(difference, options).Draw(svg, width, withStyle: false, css),
            ["part", "before", "after", "change"],
            difference
                .Children.SelectMany(kind => kind.Children)
                .OrderByDescending(part => part.Moved)
                .Take(PicturePage.MaxRows)
                .Select(part =>
                    (string[])
                        [
                            part.Name,
                            part.Before.ToString("N0", CultureInfo.InvariantCulture),
                            part.After.ToString("N0", CultureInfo.InvariantCulture),
                            Units.Change(part.Change),
                        ]
                )
        );

    private static string Svg(TreemapPicture picture, TreemapOptions options)
    {
        var svg = new SvgBuilder();
        picture.Draw(svg, Math.Clamp(options.Width, 280, 4000), withStyle: true, "only");
        return svg.ToString();
    }

    private static TreemapPicture Picture(Dissection dissection, TreemapOptions options)
    {
        var whole = dissection.Root.Size;
        var unaccounted = dissection.SizeOf(kind => kind == DissectionKind.Unaccounted);
        var named = dissection.SizeOf(kind => kind is not (DissectionKind.Unaccounted or DissectionKind.Contents));
        var title = SafeText.Clean(options.Title, DissectionItems.MaxNameLength);
        var what = dissection.IsOfStripped ? "as it is shipped, without debug information" : "in the file";
        var summary =
            $"{Units.Bytes(whole)} {what}; {Units.Share(named, whole)} of it has a name, {Units.Bytes(unaccounted)} unaccounted for.";
        var scale = dissection
            .Root.Children.Select(kind => new ScaleSegment(
                kind.Name,
                $"{Units.Bytes(kind.Size)} · {Units.Share(kind.Size, whole)}",
                DissectionItems.ClassOf(kind.Kind),
                kind.Size
            ))
            .ToList();
        var largest = string.Join(
            ", ",
            dissection
                .TopLevel()
                .Take(10)
                .Select(part => $"{SafeText.Clean(part.Key, DissectionItems.MaxNameLength)} {Units.Bytes(part.Value)}")
        );
        var alternative =
            $"{summary} {string.Join(", ", scale.Select(segment => $"{segment.Name} {segment.Amount}"))}. The largest parts: {largest}.";
        return new TreemapPicture($"{title} · {Units.Bytes(whole)}", alternative, summary, scale, new DissectionItems(dissection).Top());
    }

    private static TreemapPicture Picture(DifferenceNode difference, TreemapOptions options)
    {
        var title = SafeText.Clean(options.Title, DissectionItems.MaxNameLength);
        var summary =
            difference.Children.Count == 0
                ? $"{Units.Bytes(difference.After)}: no part has another size than before."
                : $"{Units.Bytes(difference.Before)} before, {Units.Bytes(difference.After)} now. Areas are the bytes that came or went: {Units.Bytes(difference.Moved)} in all.";
        var totals = new Dictionary<DifferenceStatus, long>();
        Sum(difference, totals);
        var scale = new (DifferenceStatus Status, string Name)[]
        {
            (DifferenceStatus.Came, "new"),
            (DifferenceStatus.Grew, "grew"),
            (DifferenceStatus.Shrank, "shrank"),
            (DifferenceStatus.Went, "gone"),
        }
            .Where(status => totals.ContainsKey(status.Status))
            .Select(status => new ScaleSegment(
                status.Name,
                Units.Change(totals[status.Status]),
                DifferenceItems.ClassOf(status.Status),
                Math.Abs(totals[status.Status])
            ))
            .ToList();
        return new TreemapPicture($"{title} · {Units.Change(difference.Change)}", summary, summary, scale, DifferenceItems.Top(difference));
    }

    /// <summary>Of the parts that have no parts: what is above them is their sum.</summary>
    private static void Sum(DifferenceNode node, Dictionary<DifferenceStatus, long> totals)
    {
        if (node.Children.Count == 0 && node.Change != 0)
            totals[node.Status] = totals.GetValueOrDefault(node.Status) + node.Change;
        foreach (var child in node.Children)
            Sum(child, totals);
    }
}

namespace Builder.Analysis.Drawing;

/// <summary>
/// One drawing for one width: title, summary, scale bar with legend, the line that says what is pointed at, the map.
/// Heights follow from how the words wrap, so nothing overlaps.
/// </summary>
internal sealed class TreemapPicture(
    string title,
    string alternative,
    string summary,
    IReadOnlyList<ScaleSegment> scale,
    IReadOnlyList<TreemapItem> items
)
{
    private const double Margin = 2;
    private const double LineHeight = 17;
    private const double BarHeight = 12;
    private const double LegendSize = 12;

    /// <summary>Styles are left to the page when several drawings share one.</summary>
    public void Draw(SvgBuilder svg, int width, bool withStyle, string cssClass)
    {
        var inner = width - 2 * Margin;
        // Laid out from zero and moved down afterwards: the words above say what the layout has left out.
        var map = new Rectangle(Margin, 0, inner, Math.Round(inner * (width < 600 ? 1.45 : 0.56)));
        var layout = TreemapLayout.Of(items, map);
        var words =
            layout.Together == 0
                ? summary
                : $"{summary} {Units.Bytes(layout.Together)} of it in parts too small to be seen are drawn together.";
        var y = 17.0;
        var head = new SvgBuilder();
        head.Text("h", Margin, y, TextWidth.Fit(title, inner, 16, bold: true));
        y += 6;
        foreach (var line in TextWidth.Wrap(words, inner, LegendSize))
            head.Text("s d", Margin, y += LineHeight, line);
        y += 10;
        DrawScale(head, new Rectangle(Margin, y, inner, BarHeight));
        y = DrawLegend(head, y + BarHeight + 4, inner) + 8;
        var readout = y + 14;
        y = readout + LineHeight + 8;

        var height = (int)Math.Ceiling(y + map.Height + Margin);

        svg.Raw("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pic ")
            .Raw(cssClass)
            .Raw("\" viewBox=\"0 0 ")
            .Raw(width)
            .Raw(" ")
            .Raw(height)
            .Raw("\" width=\"")
            .Raw(width)
            .Raw("\" height=\"")
            .Raw(height)
            .Raw("\" role=\"group\" aria-label=\"")
            .Escaped(title)
            .Raw("\">");
        if (withStyle)
            svg.Raw("<style>").Raw(PictureStyle.Treemap).Raw("</style>");
        svg.Raw("<title>").Escaped(title).Raw("</title><desc>").Escaped(alternative).Raw("</desc>");
        svg.Rectangle("paper", new Rectangle(0, 0, width, height)).Raw(head.ToString());
        if (items.Count > 0)
            svg.Text(
                "hint s d",
                Margin,
                readout,
                TextWidth.Fit("Point at a tile, or walk with the Tab key, to read what it is.", inner, LegendSize)
            );
        svg.Raw("<g transform=\"translate(0 ").Raw((int)y).Raw(")\">");
        foreach (var tile in layout.Tiles)
            DrawTile(svg, tile, readout - (int)y, inner);
        svg.Raw("</g></svg>");
    }

    private void DrawScale(SvgBuilder svg, Rectangle bar)
    {
        svg.Rectangle("track", bar, 3);
        var whole = scale.Sum(segment => segment.Size);
        if (whole == 0)
            return;
        var x = bar.X;
        foreach (var segment in scale)
        {
            var length = bar.Width * segment.Size / whole;
            if (length > 0.3)
                svg.Rectangle($"k-{segment.Kind}", new Rectangle(x, bar.Y, Math.Max(0.3, length - 0.7), bar.Height));
            x += length;
        }
    }

    private double DrawLegend(SvgBuilder svg, double y, double inner)
    {
        const double Swatch = 10;
        const double Gap = 18;
        var x = Margin;
        y += 12;
        foreach (var segment in scale)
        {
            var text = $"{segment.Name} {segment.Amount}";
            var length = Swatch + 5 + TextWidth.Of(text, LegendSize);
            if (x > Margin && x + length > inner)
            {
                x = Margin;
                y += LineHeight;
            }
            svg.Rectangle($"k-{segment.Kind}", new Rectangle(x, y - 9, Swatch, Swatch), 2);
            svg.Text("s", x + Swatch + 5, y, TextWidth.Fit(text, inner - Swatch - 5, LegendSize));
            x += length + Gap;
        }
        return y;
    }

    private static void DrawTile(SvgBuilder svg, TreemapTile tile, double readout, double inner)
    {
        var place = tile.Place.Width > 4 && tile.Place.Height > 4 ? Shrunk(tile.Place, 0.7) : Shrunk(tile.Place, 0.2);
        var kind = tile.Item.Kind;
        var isMore = kind.StartsWith("more ", StringComparison.Ordinal);
        svg.Raw(
            tile.IsFrame ? "<g class=\"t f\" tabindex=\"0\" role=\"img\"><title>"
            : isMore ? "<g class=\"t more\" tabindex=\"0\" role=\"img\"><title>"
            : "<g class=\"t\" tabindex=\"0\" role=\"img\"><title>"
        );
        svg.Escaped(tile.Path).Raw(": ").Escaped(tile.Item.Detail).Raw("</title>");
        svg.Rectangle($"k-{(isMore ? kind[5..] : kind)}", place, place.Width > 12 && place.Height > 12 ? 2 : 0);
        DrawLabel(svg, tile, place);
        svg.Raw("<g class=\"r\">");
        svg.Text("s b", Margin, readout, TextWidth.FitEnd(tile.Path, inner, LegendSize, bold: true));
        svg.Text("s d", Margin, readout + LineHeight, TextWidth.Fit(tile.Item.Detail, inner, LegendSize));
        svg.Raw("</g></g>");
    }

    private static void DrawLabel(SvgBuilder svg, TreemapTile tile, Rectangle place)
    {
        const double Padding = 5;
        var room = place.Width - 2 * Padding;
        if (place.Height < 17 || room < 18)
            return;
        if (tile.IsFrame)
        {
            var size = tile.Depth == 0 ? 12 : 11;
            var name = TextWidth.Fit(tile.Item.Name, room, size, bold: true);
            var nameWidth = TextWidth.Of(name, size, bold: true);
            if (name.Length == 0)
                return;
            var withAmount = name == tile.Item.Name && nameWidth + 8 + TextWidth.Of(tile.Item.Amount, 11) <= room;
            svg.Label(
                tile.Depth == 0 ? "l1" : "l2 b",
                place.X + Padding,
                place.Y + (tile.Depth == 0 ? 14.5 : 13),
                name,
                withAmount ? tile.Item.Amount : ""
            );
            return;
        }
        var isLarge = place.Width > 170 && place.Height > 90;
        var fontSize =
            isLarge ? 14
            : place.Width > 90 && place.Height > 40 ? 12
            : 11;
        var label = TextWidth.Fit(tile.Item.Name, room, fontSize);
        if (label.Length == 0)
            return;
        var css =
            isLarge ? "l3"
            : fontSize == 12 ? "s"
            : "l2";
        var baseline = place.Y + fontSize + 3;
        svg.Text(css, place.X + Padding, baseline, label);
        if (place.Height >= fontSize * 2 + 12 && TextWidth.Of(tile.Item.Amount, 11) <= room)
            svg.Text("l2 n", place.X + Padding, baseline + 15, tile.Item.Amount);
    }

    private static Rectangle Shrunk(Rectangle place, double by) =>
        new(place.X + by, place.Y + by, Math.Max(0.1, place.Width - 2 * by), Math.Max(0.1, place.Height - 2 * by));
}

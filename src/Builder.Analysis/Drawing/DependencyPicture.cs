using System.Globalization;

namespace Builder.Analysis.Drawing;

/// <summary>
/// The root in the middle, its direct dependencies on a ring, beyond each of them a dot for every package it needs.
/// Where there is no room for a ring (a narrow window, hundreds of direct dependencies) the same stands in rows.
/// </summary>
internal sealed class DependencyPicture(DependencyPlaces places, string title, string summary, string alternative)
{
    private const double Margin = 4;
    private const double LineHeight = 17;
    private const double DotPitch = 9;
    private const double FontSize = 12;

    /// <summary>A ring that is small for its picture is enlarged up to this share of the width.</summary>
    private const double LargestRing = 0.66;

    /// <summary>Beyond this many packages, lighting up each place of one costs the browser more than it shows.</summary>
    private const int MaxHighlighted = 400;

    private static readonly string[] Shades = ["one package", "2–3", "4–7", "8–15", "16 or more"];

    private readonly HashSet<int> _focusable = [];

    public static string Style { get; } = PictureStyle.Dependencies;

    public void Draw(SvgBuilder svg, int width, bool withStyle, string cssClass)
    {
        _focusable.Clear();
        var ring = Ring.For(places, width);
        var body = new SvgBuilder();
        var y = DrawHead(body, width);
        double height;
        if (ring is { } fits)
        {
            var scale = Math.Clamp(LargestRing * width / (2 * fits.Outer), 1, 1.5);
            height = y + 2 * fits.Outer * scale + 2 * Margin;
            DrawRing(body, fits, width / 2.0, y + Margin + fits.Outer * scale, scale);
        }
        else
        {
            height = DrawRows(body, width, y);
        }
        var whole = (int)Math.Ceiling(height);
        svg.Raw("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pic ")
            .Raw(cssClass)
            .Raw("\" viewBox=\"0 0 ")
            .Raw(width)
            .Raw(" ")
            .Raw(whole)
            .Raw("\" width=\"")
            .Raw(width)
            .Raw("\" height=\"")
            .Raw(whole)
            .Raw("\" role=\"group\" aria-label=\"")
            .Escaped(title)
            .Raw("\">");
        if (withStyle)
            svg.Raw("<style>").Raw(Style).Raw(LightRules()).Raw("</style>");
        svg.Raw("<title>").Escaped(title).Raw("</title><desc>").Escaped(alternative).Raw("</desc>");
        svg.Rectangle("paper", new Rectangle(0, 0, width, whole)).Raw(body.ToString()).Raw("</svg>");
    }

    /// <summary>Pointing at one place of a package lights up all of them.</summary>
    public string LightRules() =>
        places.Packages.Count > MaxHighlighted
            ? ""
            : string.Concat(
                places.Packages.Select(package =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $".pic:has(.p{package.Number}:hover,.p{package.Number}:focus-visible) .p{package.Number}>circle{{fill:#e8590c;stroke:#e8590c;stroke-width:3}}\n"
                    )
                )
            );

    private double DrawHead(SvgBuilder svg, int width)
    {
        var inner = width - 2 * Margin;
        svg.Text("h", Margin, 17, TextWidth.Fit(title, inner, 16, bold: true));
        var y = 23.0;
        foreach (var line in TextWidth.Wrap(summary, inner, FontSize))
            svg.Text("s d", Margin, y += LineHeight, line);
        y += LineHeight + 4;
        var x = Margin;
        svg.Text("s d", x, y, "used by:");
        x += TextWidth.Of("used by:", FontSize) + 8;
        for (var shade = 0; shade < Shades.Length; shade++)
        {
            var length = 14 + TextWidth.Of(Shades[shade], FontSize);
            if (x + length > inner)
            {
                x = Margin;
                y += LineHeight;
            }
            svg.Raw("<circle class=\"u").Raw(shade).Raw("\" r=\"4\"").Number("cx", x + 5).Number("cy", y - 4).Raw("/>");
            svg.Text("s", x + 13, y, Shades[shade]);
            x += length + 12;
        }
        return y + 8;
    }

    private void DrawRing(SvgBuilder svg, Ring ring, double x, double y, double scale)
    {
        var centre = ring.Inner - 14;
        var readout = new Readout(-centre + 8, 0, 2 * centre - 16, IsCentred: true);
        svg.Raw("<g transform=\"translate(").Value(x).Raw(",").Value(y).Raw(") scale(").Value(scale, digits: 3).Raw(")\">");
        svg.Raw("<g class=\"t p p")
            .Raw(places.Root.Number)
            .Raw(" root\" tabindex=\"0\" role=\"img\"><title>")
            .Escaped(places.HasOneRoot ? $"{places.Root.Name}: {places.Root.Counts}" : places.Root.Name)
            .Raw("</title><circle class=\"core\"")
            .Number("r", centre)
            .Raw("/></g>");
        svg.Raw("<g class=\"hint\">");
        WriteReadout(
            svg,
            readout,
            places.Root.Name,
            $"{DrawnPackage.Plural(places.Packages.Count - (places.HasOneRoot ? 1 : 0), "package", "packages")} in all{(places.HasOneRoot ? "," : "")}",
            places.HasOneRoot ? $"{places.Direct.Count} directly" : ""
        );
        svg.Raw("</g>");
        for (var i = 0; i < places.Direct.Count; i++)
        {
            var turn = 360.0 * i / places.Direct.Count - 90;
            DrawSpoke(svg, ring, places.Direct[i], turn, readout);
        }
        svg.Raw("</g>");
    }

    /// <summary>Text on the left half is turned round, so that none of it stands on its head.</summary>
    private void DrawSpoke(
        SvgBuilder svg,
        Ring ring,
        (DrawnPackage Package, IReadOnlyList<DrawnPackage> Around) place,
        double turn,
        Readout readout
    )
    {
        var isLeft = turn is > 90 and < 270;
        var side = isLeft ? -1 : 1;
        var name = TextWidth.Fit(place.Package.Name, ring.Label, FontSize);
        var end = ring.Radius - 11;
        var (sine, cosine) = Math.SinCos(turn * Math.PI / 180);
        svg.Raw("<g transform=\"rotate(").Value(isLeft ? turn - 180 : turn).Raw(")\">");
        svg.Raw("<path class=\"spoke\" d=\"M")
            .Value(side * (ring.Inner - 14))
            .Raw(" 0H")
            .Value(side * (end - TextWidth.Of(name, FontSize) - 4))
            .Raw("\"/>");
        svg.Raw(isLeft ? "<text class=\"s\"" : "<text class=\"s e\"")
            .Number("x", side * end)
            .Number("y", 4)
            .Raw(">")
            .Escaped(name)
            .Raw("</text></g>");
        DrawPlace(svg, place.Package, cosine * ring.Radius, sine * ring.Radius, 6, readout);
        for (var i = 0; i < place.Around.Count; i++)
        {
            var row = i / ring.Columns;
            var inRow = Math.Min(ring.Columns, place.Around.Count - row * ring.Columns);
            var along = ring.Radius + 15 + row * DotPitch;
            var across = (i % ring.Columns - (inRow - 1) / 2.0) * DotPitch;
            DrawPlace(svg, place.Around[i], cosine * along - sine * across, sine * along + cosine * across, 3.6, readout);
        }
    }

    private double DrawRows(SvgBuilder svg, int width, double top)
    {
        const double NarrowestColumn = 330;
        const double Gap = 24;
        var inner = width - 2 * Margin;
        svg.Text(
            "hint s d",
            Margin,
            top + 14,
            TextWidth.Fit("Point at a dot, or walk with the Tab key, to read what it is.", inner, FontSize)
        );
        var readout = new Readout(Margin, top + 14, inner, IsCentred: false);
        top += 2 * LineHeight + 12;
        var columns = Math.Clamp((int)((inner + Gap) / (NarrowestColumn + Gap)), 1, Math.Max(1, places.Direct.Count));
        var columnWidth = (inner - (columns - 1) * Gap) / columns;
        var label = Math.Min(170, columnWidth * 0.42);
        var perLine = Math.Max(1, (int)((columnWidth - label - 26) / DotPitch));
        var bottom = top;
        var tops = new double[columns];
        Array.Fill(tops, top);
        foreach (var place in places.Direct)
        {
            var column = Array.IndexOf(tops, tops.Min());
            var x = Margin + column * (columnWidth + Gap);
            var y = tops[column] + 11;
            var lines = Math.Max(1, (place.Around.Count + perLine - 1) / perLine);
            svg.Text("s", x + 14, y + 4, TextWidth.Fit(place.Package.Name, label, FontSize));
            DrawPlace(svg, place.Package, x + 6, y, 5, readout);
            for (var i = 0; i < place.Around.Count; i++)
                DrawPlace(svg, place.Around[i], x + label + 26 + i % perLine * DotPitch, y + i / perLine * DotPitch, 3.6, readout);
            tops[column] = y + (lines - 1) * DotPitch + 13;
            svg.Raw("<path class=\"line\" d=\"M").Value(x).Raw(" ").Value(tops[column] - 1).Raw("H").Value(x + columnWidth).Raw("\"/>");
            bottom = Math.Max(bottom, tops[column]);
        }
        return bottom + Margin;
    }

    private void DrawPlace(SvgBuilder svg, DrawnPackage package, double x, double y, double radius, Readout readout)
    {
        var isFirst = _focusable.Add(package.Number);
        svg.Raw("<g class=\"t p p")
            .Raw(package.Number)
            .Raw(isFirst ? "\" tabindex=\"0\" role=\"img\"><title>" : "\" role=\"img\"><title>")
            .Escaped(package.Name)
            .Raw(": ")
            .Escaped(package.Counts)
            .Raw("</title><circle class=\"u")
            .Raw(package.Shade)
            .Raw("\"")
            .Number("cx", x)
            .Number("cy", y)
            .Number("r", radius)
            .Raw("/><g class=\"r\">");
        WriteReadout(
            svg,
            readout,
            package.Name,
            $"{DrawnPackage.Plural(package.Dependencies, "dependency", "dependencies")},",
            $"used by {DrawnPackage.Plural(package.Users, "package", "packages")}"
        );
        svg.Raw("</g></g>");
    }

    private static void WriteReadout(SvgBuilder svg, Readout at, string name, string first, string second)
    {
        if (!at.IsCentred)
        {
            svg.Text("s b", at.X, at.Y, TextWidth.Fit(name, at.Width, FontSize, bold: true));
            svg.Text("s d", at.X, at.Y + LineHeight, $"{first} {second}");
            return;
        }
        svg.Text("l3 b m", 0, -8, TextWidth.Fit(name, at.Width, 14, bold: true));
        svg.Text("s d m", 0, 12, first);
        svg.Text("s d m", 0, 12 + LineHeight, second);
    }

    private readonly record struct Readout(double X, double Y, double Width, bool IsCentred);

    /// <param name="Inner">Where the names begin.</param>
    /// <param name="Radius">Where the direct dependencies stand.</param>
    /// <param name="Label">Room for a name.</param>
    /// <param name="Columns">Dots side by side beyond a direct dependency.</param>
    private readonly record struct Ring(double Inner, double Radius, double Label, int Columns, double Outer)
    {
        private const double Slot = 15;

        /// <summary>Null where it would not fit without making the text too small.</summary>
        public static Ring? For(DependencyPlaces places, int width)
        {
            const double SmallestInner = 104;
            const double MaxLabelLength = 150;
            const int NarrowestRing = 600;
            var count = Math.Max(1, places.Direct.Count);
            if (width < NarrowestRing)
                return null;
            var label = Math.Min(
                MaxLabelLength,
                places.Direct.Select(place => TextWidth.Of(place.Package.Name, FontSize)).DefaultIfEmpty(40).Max()
            );
            var inner = Math.Max(SmallestInner, count * Slot / (2 * Math.PI));
            var radius = inner + label + 12;
            var columns = Math.Clamp((int)(2 * Math.PI * radius / count / DotPitch), 1, 5);
            var rows = places.Direct.Select(place => (place.Around.Count + columns - 1) / columns).DefaultIfEmpty(0).Max();
            var outer = radius + 20 + rows * DotPitch;
            return 2 * outer > width - 2 * Margin ? null : new Ring(inner, radius, label, columns, outer);
        }
    }
}

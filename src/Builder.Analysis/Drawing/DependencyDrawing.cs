using System.Globalization;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Drawing;

/// <summary>
/// Draws what a build depends on: self-contained, without script, in light and dark, readable by keyboard and on paper.
/// </summary>
public static class DependencyDrawing
{
    /// <summary>Grows with every change of the drawing: a cached picture of an older version is replaced.</summary>
    public const int Version = 1;

    /// <summary>One SVG of <see cref="DependencyDrawingOptions.Width"/>.</summary>
    public static string Svg(DependencyGraph graph, DependencyDrawingOptions options)
    {
        var svg = new SvgBuilder();
        Picture(graph, options.Transitive).Draw(svg, Math.Clamp(options.Width, 280, 4000), withStyle: true, "only");
        return svg.ToString();
    }

    /// <summary>A page of its own, to open or to embed in a frame: drawings for narrow, middling and wide windows, and a table.</summary>
    public static string Page(DependencyGraph graph, DependencyDrawingOptions options)
    {
        var picture = Picture(graph, options.Transitive);
        return PicturePage.Of($"Dependencies of {graph.Root}", DependencyPicture.Style + picture.LightRules(), options.ScriptUrl,
            (svg, width, css) => picture.Draw(svg, width, withStyle: false, css),
            ["package", "dependencies", "used by"],
            graph.Nodes.Take(PicturePage.MostRows).Select(node => (string[])
            [
                node.Name,
                node.Dependencies.Length.ToString(CultureInfo.InvariantCulture),
                graph.ReverseDependencies(node.Name).ToString(CultureInfo.InvariantCulture),
            ]));
    }

    private static DependencyPicture Picture(DependencyGraph graph, bool transitive)
    {
        const int Named = 40;
        var places = new DependencyPlaces(graph, transitive);
        var title = $"Dependencies of {places.Root.Name}";
        var summary = $"{DrawnPackage.Plural(places.Packages.Count - 1, "package", "packages")}, {places.Direct.Count} of them named by {places.Root.Name} itself. "
            + $"Each dot is a package that its neighbour {(transitive ? "reaches" : "depends on")}; the fainter, the more packages use it.";
        var direct = string.Join(", ", places.Direct.Take(Named).Select(place => place.Package.Name)) + (places.Direct.Count > Named ? ", …" : "");
        var shared = string.Join(", ", places.Packages.OrderByDescending(package => package.Users).ThenBy(package => package.Name, StringComparer.Ordinal).Take(10)
            .Select(package => $"{package.Name} ({package.Users})"));
        return new DependencyPicture(places, title, summary, $"{summary} Direct dependencies: {direct}. The most used: {shared}.");
    }
}

using System.Globalization;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Drawing;

/// <summary>
/// Draws what a build depends on: self-contained, without script, in light and dark, readable by keyboard and on paper.
/// </summary>
public static class DependencyDrawing
{
    /// <summary>Grows with every change of the drawing: a cached picture of an older version is replaced.</summary>
    public const int Version = 3;

    /// <summary>Roots with a picture of their own on a page that has several.</summary>
    private const int MaxRootPictures = 24;

    /// <summary>Packages and dependencies of all pictures of one page: beyond them the roots are only drawn together.</summary>
    private const int MaxRootPlaces = 20_000;

    private const int MaxLinkedRoots = 200;

    /// <summary>One SVG of <see cref="DependencyDrawingOptions.Width"/>; several roots together.</summary>
    public static string Svg(DependencyGraph graph, DependencyDrawingOptions options)
    {
        var svg = new SvgBuilder();
        Picture(graph, options.Transitive).Draw(svg, Math.Clamp(options.Width, 280, 4000), withStyle: true, "only");
        return svg.ToString();
    }

    /// <summary>
    /// A page of its own, to open or to embed in a frame: drawings for narrow, middling and wide windows, and a table. Of several roots all
    /// together, then each.
    /// </summary>
    public static string Page(DependencyGraph graph, DependencyDrawingOptions options)
    {
        var picture = Picture(graph, options.Transitive);
        var roots = RootPictures(graph, options.Transitive);
        return PicturePage.Of(
            $"Dependencies of {RootNames(graph)}",
            DependencyPicture.Style + picture.LightRules(),
            options.ScriptUrl,
            (svg, width, css) => picture.Draw(svg, width, withStyle: false, css),
            ["package", "dependencies", "used by"],
            graph
                .Nodes.Take(PicturePage.MaxRows)
                .Select(node =>
                    (string[])
                        [
                            node.Name,
                            node.Dependencies.Length.ToString(CultureInfo.InvariantCulture),
                            graph.ReverseDependencies(node.Name).ToString(CultureInfo.InvariantCulture),
                        ]
                ),
            roots,
            Links(graph, options.LinkedRoots)
        );
    }

    /// <summary>The one that is shown has no address.</summary>
    private static IReadOnlyList<(string Text, string? Address)> Links(DependencyGraph graph, IReadOnlyList<string> roots) =>
        roots.Count < 2
            ? []
            :
            [
                ("All together", graph.Roots.Length == 1 ? "?" : null),
                .. roots
                    .Take(MaxLinkedRoots)
                    .Select(root =>
                        (
                            SafeText.Clean(root, DissectionItems.MaxNameLength),
                            graph.Roots is [var only] && only == root ? null : $"?root={Uri.EscapeDataString(root)}"
                        )
                    ),
            ];

    /// <summary>Up to three names.</summary>
    private static string RootNames(DependencyGraph graph)
    {
        const int Named = 3;
        var names = string.Join(", ", graph.Roots.Take(Named).Select(root => SafeText.Clean(root, DissectionItems.MaxNameLength)));
        return graph.Roots.Length > Named ? $"{names} and {graph.Roots.Length - Named} more roots" : names;
    }

    private static List<PictureSection> RootPictures(DependencyGraph graph, bool transitive)
    {
        if (graph.Roots.Length is 1 or > MaxRootPictures)
            return [];
        var graphs = graph.Roots.Select(graph.Of).ToList();
        if (graphs.Sum(one => one.Nodes.Length + one.Nodes.Sum(node => node.Dependencies.Length)) > MaxRootPlaces)
            return [];
        return graphs.ConvertAll(one =>
        {
            var picture = Picture(one, transitive);
            var others = DrawnPackage.Plural(one.Nodes.Length - 1, "package", "packages");
            return new PictureSection(
                $"{SafeText.Clean(one.Roots[0], DissectionItems.MaxNameLength)} alone: {others}",
                (svg, width, css) => picture.Draw(svg, width, withStyle: false, css)
            );
        });
    }

    private static DependencyPicture Picture(DependencyGraph graph, bool transitive)
    {
        const int Named = 40;
        var places = new DependencyPlaces(graph, transitive);
        var title = $"Dependencies of {RootNames(graph)}";
        var counts = places.HasOneRoot
            ? $"{DrawnPackage.Plural(places.Packages.Count - 1, "package", "packages")}, {places.Direct.Count} of them named by {places.Root.Name} itself."
            : $"{places.Direct.Count} roots and what they reach: {DrawnPackage.Plural(places.Packages.Count, "package", "packages")}.";
        var summary =
            $"{counts} Each dot is a package that its neighbour {(places.IsTransitive ? "reaches" : "depends on")}; the fainter, the more packages use it.";
        var direct =
            string.Join(", ", places.Direct.Take(Named).Select(place => place.Package.Name)) + (places.Direct.Count > Named ? ", …" : "");
        var shared = string.Join(
            ", ",
            places
                .Packages.OrderByDescending(package => package.Users)
                .ThenBy(package => package.Name, StringComparer.Ordinal)
                .Take(10)
                .Select(package => $"{package.Name} ({package.Users})")
        );
        return new DependencyPicture(
            places,
            title,
            summary,
            $"{summary} {(places.HasOneRoot ? "Direct dependencies" : "Roots")}: {direct}. The most used: {shared}."
        );
    }
}

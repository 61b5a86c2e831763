using Builder.Analysis.Opam;

namespace Builder.Analysis.Drawing;

/// <summary>
/// The root, what it depends on, and what stands around each of those. Of several roots the middle is none of them: they stand around it,
/// each with all that it reaches, or with what it depends on itself where that would be too much.
/// </summary>
internal sealed class DependencyPlaces
{
    /// <summary>Dots of several roots with all that they reach.</summary>
    private const int MaxReached = 5000;

    public DependencyPlaces(DependencyGraph graph, bool transitive)
    {
        var packages = new Dictionary<string, DrawnPackage>(StringComparer.Ordinal);
        foreach (var (number, node) in graph.Nodes.Index())
        {
            var users = graph.ReverseDependencies(node.Name);
            packages.Add(
                node.Name,
                new DrawnPackage(
                    number,
                    SafeText.Clean(node.Name, DissectionItems.MaxNameLength),
                    node.Dependencies.Length,
                    users,
                    ShadeOf(users)
                )
            );
        }
        Packages = [.. packages.Values];
        IEnumerable<string> direct;
        if (graph.Roots is [var root])
        {
            Root = packages[root];
            direct = graph[root].Dependencies;
        }
        else
        {
            Root = new DrawnPackage(graph.Nodes.Length, $"{graph.Roots.Length} roots", graph.Roots.Length, 0, 0);
            direct = graph.Roots;
            transitive |= IsReachedDrawable(graph);
        }
        IsTransitive = transitive;
        HasOneRoot = graph.Roots.Length == 1;
        Direct =
        [
            .. direct
                .Select(name =>
                    (
                        Package: packages[name],
                        Around: (IReadOnlyList<DrawnPackage>)
                            [
                                .. (transitive ? graph.TransitiveDependencies(name) : graph[name].Dependencies).Select(around =>
                                    packages[around]
                                ),
                            ]
                    )
                )
                .OrderByDescending(place => place.Around.Count)
                .ThenBy(place => place.Package.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>In the middle; of several roots it is no package.</summary>
    public DrawnPackage Root { get; }

    public bool HasOneRoot { get; }

    /// <summary>Around a package stands all that it reaches, not only what it depends on itself.</summary>
    public bool IsTransitive { get; }

    public IReadOnlyList<DrawnPackage> Packages { get; }

    /// <summary>Those with the most around them first.</summary>
    public IReadOnlyList<(DrawnPackage Package, IReadOnlyList<DrawnPackage> Around)> Direct { get; }

    private static bool IsReachedDrawable(DependencyGraph graph)
    {
        var dots = 0L;
        foreach (var root in graph.Roots)
        {
            dots += Math.Max(1, graph.TransitiveDependencies(root).Length);
            if (dots > MaxReached)
                return false;
        }
        return true;
    }

    private static int ShadeOf(int users) =>
        users switch
        {
            <= 1 => 0,
            <= 3 => 1,
            <= 7 => 2,
            <= 15 => 3,
            _ => 4,
        };
}

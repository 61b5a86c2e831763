using Builder.Analysis.Opam;

namespace Builder.Analysis.Drawing;

/// <summary>The root, what it depends on, and what stands around each of those.</summary>
internal sealed class DependencyPlaces
{
    public DependencyPlaces(DependencyGraph graph, bool transitive)
    {
        var packages = new Dictionary<string, DrawnPackage>(StringComparer.Ordinal);
        foreach (var (number, node) in graph.Nodes.Index())
        {
            var users = graph.ReverseDependencies(node.Name);
            packages.Add(node.Name, new DrawnPackage(
                number, SafeText.Clean(node.Name, DissectionItems.LongestName), node.Dependencies.Length, users, ShadeOf(users)));
        }
        Packages = [.. packages.Values];
        Root = packages[graph.Root];
        Direct = [.. graph[graph.Root].Dependencies
            .Select(name => (Package: packages[name], Around: (IReadOnlyList<DrawnPackage>)
                [.. (transitive ? graph.TransitiveDependencies(name) : graph[name].Dependencies).Select(around => packages[around])]))
            .OrderByDescending(place => place.Around.Count).ThenBy(place => place.Package.Name, StringComparer.Ordinal)];
    }

    public DrawnPackage Root { get; }

    public IReadOnlyList<DrawnPackage> Packages { get; }

    /// <summary>Those with the most around them first.</summary>
    public IReadOnlyList<(DrawnPackage Package, IReadOnlyList<DrawnPackage> Around)> Direct { get; }

    private static int ShadeOf(int users) => users switch
    {
        <= 1 => 0,
        <= 3 => 1,
        <= 7 => 2,
        <= 15 => 3,
        _ => 4,
    };
}

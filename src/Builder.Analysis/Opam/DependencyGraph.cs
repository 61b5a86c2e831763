using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Builder.Analysis.Opam;

/// <summary>What the roots of a switch depend on, as far as it is installed: packages and what each depends on directly.</summary>
public sealed class DependencyGraph
{
    private readonly Dictionary<string, int> numbers;
    private readonly int[] reverseDependencies;
    private readonly HashSet<string> roots;

    private DependencyGraph(ImmutableArray<string> roots, ImmutableArray<DependencyNode> nodes)
    {
        Roots = roots;
        this.roots = roots.ToHashSet(StringComparer.Ordinal);
        Nodes = nodes;
        numbers = nodes.Index().ToDictionary(node => node.Item.Name, node => node.Index, StringComparer.Ordinal);
        reverseDependencies = new int[nodes.Length];
        foreach (var name in nodes.SelectMany(node => node.Dependencies))
            reverseDependencies[numbers[name]]++;
    }

    /// <summary>One or more, in the order of the names.</summary>
    public ImmutableArray<string> Roots { get; }

    /// <summary>The roots and all they reach, in the order of the names.</summary>
    public ImmutableArray<DependencyNode> Nodes { get; }

    public DependencyNode this[string name] => Nodes[numbers[name]];

    public bool IsRoot(string name) => roots.Contains(name);

    /// <summary>How many packages of the graph depend on this one directly.</summary>
    public int ReverseDependencies(string name) => reverseDependencies[numbers[name]];

    /// <summary>All that is reached from a package by one step or more, in the order of the names.</summary>
    public ImmutableArray<string> TransitiveDependencies(string name)
    {
        var reached = new bool[Nodes.Length];
        var ahead = new Stack<int>();
        ahead.Push(numbers[name]);
        while (ahead.TryPop(out var node))
        {
            foreach (var next in Nodes[node].Dependencies.Select(dependency => numbers[dependency]).Where(next => !reached[next]))
            {
                reached[next] = true;
                ahead.Push(next);
            }
        }
        return [.. Nodes.Where((_, number) => reached[number]).Select(node => node.Name)];
    }

    /// <summary>The graph of one root of this one, and of what it reaches here.</summary>
    public DependencyGraph Of(string root)
    {
        var reached = TransitiveDependencies(root).ToHashSet(StringComparer.Ordinal);
        reached.Add(root);
        return new DependencyGraph([root], [.. Nodes.Where(node => reached.Contains(node.Name))]);
    }

    /// <summary>Of all roots together. False, with a sentence for people, where the switch has no root.</summary>
    public static bool TryCreate(
        SwitchExport export,
        [NotNullWhen(true)] out DependencyGraph? graph,
        [NotNullWhen(false)] out string? problem
    )
    {
        graph = null;
        problem = export.Roots.IsEmpty ? "The switch has no root package, so there is no dependency graph to draw." : null;
        if (problem is not null)
            return false;
        var nodes = DirectDependencies.Reached(export, [.. export.Roots.Select(root => root.Name).Distinct()]);
        graph = new DependencyGraph(
            [.. export.Roots.Select(root => root.Name.ToString()).Distinct(StringComparer.Ordinal)],
            [.. nodes.Select(node => new DependencyNode(node.Key.ToString(), [.. node.Value.Select(name => name.ToString())]))]
        );
        return true;
    }
}

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Builder.Analysis.Opam;

/// <summary>What the root of a switch depends on, as far as it is installed: packages and what each depends on directly.</summary>
public sealed class DependencyGraph
{
    private readonly Dictionary<string, int> numbers;
    private readonly int[] reverseDependencies;

    private DependencyGraph(string root, ImmutableArray<DependencyNode> nodes)
    {
        Root = root;
        Nodes = nodes;
        numbers = nodes.Index().ToDictionary(node => node.Item.Name, node => node.Index, StringComparer.Ordinal);
        reverseDependencies = new int[nodes.Length];
        foreach (var name in nodes.SelectMany(node => node.Dependencies))
            reverseDependencies[numbers[name]]++;
    }

    public string Root { get; }

    /// <summary>Root and all it reaches, in the order of the names.</summary>
    public ImmutableArray<DependencyNode> Nodes { get; }

    public DependencyNode this[string name] => Nodes[numbers[name]];

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

    /// <summary>False, with a sentence for people, where the switch has no root or several.</summary>
    public static bool TryCreate(
        SwitchExport export,
        [NotNullWhen(true)] out DependencyGraph? graph,
        [NotNullWhen(false)] out string? problem)
    {
        graph = null;
        problem = export.Roots.Length switch
        {
            0 => "The switch has no root package, so there is no dependency graph to draw.",
            1 => null,
            _ => $"The switch has several root packages ({string.Join(", ", export.Roots)}); a dependency graph has one.",
        };
        if (problem is not null)
            return false;
        var root = export.Roots[0].Name;
        var dependencies = DirectDependencies.Of(export, root);
        var nodes = new SortedDictionary<OpamText, ImmutableArray<OpamText>>(Comparer<OpamText>.Create(PackageId.CompareNames));
        var ahead = new Stack<OpamText>([root]);
        while (ahead.TryPop(out var name))
        {
            if (nodes.ContainsKey(name))
                continue;
            var direct = dependencies(name);
            nodes.Add(name, direct);
            foreach (var next in direct)
                ahead.Push(next);
        }
        graph = new DependencyGraph(
            root.ToString(),
            [.. nodes.Select(node => new DependencyNode(node.Key.ToString(), [.. node.Value.Select(name => name.ToString())]))]);
        return true;
    }
}

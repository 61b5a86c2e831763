using Builder.Analysis.Difference;

namespace Builder.Web.Compare;

/// <summary>How much of a difference one page shows: the levels near the root first, what explains before what follows.</summary>
/// <param name="MaxNodes">In all.</param>
/// <param name="MaxChildren">Of one node.</param>
/// <param name="MaxChanges">Of one node.</param>
/// <param name="MaxLines">Of one text.</param>
/// <param name="OpenDepth">Nodes nearer to the root are unfolded.</param>
internal sealed record TreeCut(int MaxNodes, int MaxChildren, int MaxChanges, int MaxLines, int OpenDepth)
{
    /// <summary>For the page of the whole comparison.</summary>
    public static TreeCut FirstPaint { get; } = new(MaxNodes: 60, MaxChildren: 20, MaxChanges: 8, MaxLines: 40, OpenDepth: 4);

    /// <summary>For the page of one node.</summary>
    public static TreeCut Part { get; } = new(MaxNodes: 400, MaxChildren: 300, MaxChanges: 200, MaxLines: 2000, OpenDepth: 3);

    /// <param name="first">The first child of <paramref name="root"/> that is shown, from 0.</param>
    public ShownNode Of(DifferenceNode root, NodeIds ids, int first = 0)
    {
        var chosen = new Dictionary<DifferenceNode, List<DifferenceNode>>();
        var waiting = new Queue<DifferenceNode>([root]);
        var left = MaxNodes - 1;
        while (waiting.TryDequeue(out var node))
        {
            var children = node
                .Children.OrderBy(child => child.Follows)
                .Skip(node == root ? first : 0)
                .Take(Math.Min(MaxChildren, left))
                .ToList();
            left -= children.Count;
            chosen.Add(node, children);
            children.ForEach(waiting.Enqueue);
        }
        return Shown(root, null, 0);

        ShownNode Shown(DifferenceNode node, DifferenceNode? parent, int depth)
        {
            var children = chosen[node];
            var hidden = node.Children.Count - children.Count - (node == root ? first : 0);
            return new ShownNode(
                node,
                ids.Of(node),
                NameOf(node, parent),
                [.. children.Select(child => Shown(child, node, depth + 1))],
                Math.Max(0, hidden),
                depth < OpenDepth && !node.Follows
            );
        }
    }

    public static string NameOf(DifferenceNode node, DifferenceNode? parent)
    {
        var above = parent?.Path ?? "";
        if (above.Length == 0 || !node.Path.StartsWith(above, StringComparison.Ordinal))
            return node.Path;
        var name = node.Path[above.Length..].TrimStart('/', ':', ' ');
        // What a compressed file holds has its path.
        return name.Length == 0 ? "content" : name;
    }
}

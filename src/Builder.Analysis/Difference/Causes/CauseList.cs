namespace Builder.Analysis.Difference.Causes;

/// <summary>The causes of a tree as people read them: the strongest first, the same one in many places once.</summary>
internal static class CauseList
{
    private const int MaxCauses = 200;

    public static IReadOnlyList<Cause> Of(DifferenceNode root, IReadOnlySet<CauseKind> excluded)
    {
        var folded = new Dictionary<(CauseKind Kind, int Strength, string Place, string Fix), Cause>();
        var order = new List<(CauseKind, int, string, string)>();
        foreach (var cause in CausesOf(root))
        {
            if (excluded.Contains(cause.Kind))
                continue;
            var key = (cause.Kind, cause.Strength, FoldedPlace(cause), cause.Fix);
            if (folded.TryGetValue(key, out var first))
            {
                folded[key] = first with { Count = first.Count + cause.Count };
            }
            else
            {
                folded.Add(key, cause);
                order.Add(key);
            }
        }
        return [.. order.Select(key => folded[key]).OrderByDescending(cause => cause.Strength).Take(MaxCauses)];
    }

    // The field of each member counts as one place; a place inside a file stays its own.
    private static string FoldedPlace(Cause cause)
    {
        if (cause.Strength > CauseStrength.Metadata)
            return cause.Path;
        var place = cause.Path.LastIndexOf(": ", StringComparison.Ordinal);
        return place < 0 ? cause.Path : cause.Path[place..];
    }

    private static IEnumerable<Cause> CausesOf(DifferenceNode root)
    {
        var waiting = new Stack<DifferenceNode>([root]);
        while (waiting.TryPop(out var node))
        {
            if (node.Follows)
                continue;
            foreach (var cause in node.Causes)
                yield return cause;
            for (var i = node.Children.Count - 1; i >= 0; i--)
                waiting.Push(node.Children[i]);
        }
    }
}

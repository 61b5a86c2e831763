using Builder.Analysis.Difference;

namespace Builder.Cli.Diff;

/// <summary>Takes out of an answer what <c>--exclude</c> names: causes, and nodes that have no other.</summary>
internal static class ExcludedCauses
{
    /// <returns>Without a root where nothing else differs.</returns>
    public static DifferenceResult Remove(DifferenceResult result, IReadOnlySet<CauseKind> excluded)
    {
        if (result.Root is null || excluded.Count == 0)
            return result;
        var causes = result.Causes.Where(cause => !excluded.Contains(cause.Kind)).ToList();
        return HasMore(result.Root, excluded) ? result with { Causes = causes } : result with { Causes = [], Root = null };
    }

    // Depth is bounded by that of the archives.
    private static bool HasMore(DifferenceNode node, IReadOnlySet<CauseKind> excluded)
    {
        var had = node.Causes.Count;
        node.Causes.RemoveAll(cause => excluded.Contains(cause.Kind));
        var isUnexplained = had == 0 && node.Children.Count == 0 && !node.Follows;
        // What follows from another difference stays only where that stays.
        var remaining = node.Children.ToDictionary(child => child, child => HasMore(child, excluded));
        var hasMore = isUnexplained || node.Causes.Count > 0 || remaining.ContainsValue(true);
        node.Children.RemoveAll(child => !remaining[child] && !(hasMore && child.Follows));
        return hasMore;
    }
}

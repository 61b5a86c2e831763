namespace Builder.Analysis.Difference.Causes;

/// <summary>Marks what follows from another difference: checksums of a file that changed, an index over members that changed.</summary>
internal static class Followers
{
    /// <summary>Only where the tree has another cause; alone, a checksum is all there is to say.</summary>
    public static void Mark(DifferenceNode root)
    {
        var nodes = All(root);
        if (!nodes.Any(node => node.Causes.Any(cause => cause.Strength > CauseStrength.Follower)))
            return;
        foreach (var node in nodes)
        {
            var had = node.Causes.Count;
            node.Causes.RemoveAll(cause => cause.Strength <= CauseStrength.Follower);
            node.Follows |= had > 0 && node.Causes.Count == 0 && node.Children.Count == 0;
        }
        // A container of followers follows too.
        for (var i = nodes.Count - 1; i >= 0; i--)
            nodes[i].Follows |=
                nodes[i].Causes.Count == 0 && nodes[i].Children.Count > 0 && nodes[i].Children.TrueForAll(child => child.Follows);
    }

    // Parents before their children.
    private static List<DifferenceNode> All(DifferenceNode root)
    {
        var nodes = new List<DifferenceNode> { root };
        for (var i = 0; i < nodes.Count; i++)
            nodes.AddRange(nodes[i].Children);
        return nodes;
    }
}

using System.Collections.Immutable;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Comparison;

/// <summary>Says of each root which of the changed packages it reaches.</summary>
internal static class RootComparer
{
    /// <summary>Roots that are walked from, on both sides together: a person's switch has a dozen, a hostile one a hundred thousand.</summary>
    private const int MaxWalks = 64;

    public static ImmutableArray<RootComparison> Compare(SwitchExport left, SwitchExport right, OpamComparison comparison)
    {
        if (left.Roots.Length < 2 && right.Roots.Length < 2)
            return [];
        var changed = comparison
            .OnlyLeft.Concat(comparison.OnlyRight)
            .Select(package => package.Name)
            .Concat(comparison.OtherVersion.Select(package => package.Name))
            .Concat(comparison.Changed.Where(package => !package.EffectivelyEqual).Select(package => package.Name))
            .ToHashSet(StringComparer.Ordinal);
        var isWalked = left.Roots.Length + right.Roots.Length <= MaxWalks;
        var (leftVersions, rightVersions) = (Versions(left), Versions(right));
        return
        [
            .. leftVersions
                .Keys.Union(rightVersions.Keys)
                .Order(Comparer<OpamText>.Create(PackageId.CompareNames))
                .Select(root => new RootComparison(
                    root.ToString(),
                    leftVersions.TryGetValue(root, out var leftVersion) ? leftVersion.ToString() : null,
                    rightVersions.TryGetValue(root, out var rightVersion) ? rightVersion.ToString() : null,
                    isWalked ? Reached(root) : null
                )),
        ];

        ImmutableArray<string> Reached(OpamText root)
        {
            var reached = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var (export, roots) in new[] { (left, leftVersions), (right, rightVersions) })
            {
                if (roots.ContainsKey(root))
                    reached.UnionWith(
                        DirectDependencies.Reached(export, [root]).Keys.Select(name => name.ToString()).Where(changed.Contains)
                    );
            }
            return [.. reached];
        }
    }

    private static Dictionary<OpamText, OpamText> Versions(SwitchExport export)
    {
        var versions = new Dictionary<OpamText, OpamText>();
        foreach (var root in export.Roots)
            versions.TryAdd(root.Name, root.Version);
        return versions;
    }
}

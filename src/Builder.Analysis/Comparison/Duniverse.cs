using System.Collections.Immutable;
using Builder.Analysis.Opam;
using Builder.Analysis.Packages;

namespace Builder.Analysis.Comparison;

/// <summary>Compares the sources that <c>opam monorepo</c> vendors for a root, by directory.</summary>
internal static class Duniverse
{
    public static DuniverseComparison Compare(SwitchExport left, SwitchExport right)
    {
        if (!VendoredSources.TryRead(left, out var leftSources, out var problem))
            return DuniverseComparison.Empty with { Problem = $"The vendored directories of the left build cannot be read: {problem}" };
        if (!VendoredSources.TryRead(right, out var rightSources, out problem))
            return DuniverseComparison.Empty with { Problem = $"The vendored directories of the right build cannot be read: {problem}" };
        return new DuniverseComparison(
            Only(leftSources, rightSources),
            Only(rightSources, leftSources),
            [
                .. leftSources
                    .Where(source => rightSources.TryGetValue(source.Key, out var other) && !AreEqual(source.Value, other))
                    .Select(source => Change(source.Value, rightSources[source.Key])),
            ]
        );
    }

    private static ImmutableArray<DuniverseDirectory> Only(
        SortedDictionary<OpamText, VendoredSource> here,
        SortedDictionary<OpamText, VendoredSource> there
    ) =>
        [
            .. here.Where(source => !there.ContainsKey(source.Key))
                .Select(source => new DuniverseDirectory(source.Value.Directory, source.Value.Url)),
        ];

    private static bool AreEqual(VendoredSource left, VendoredSource right) =>
        left.Hashes.IsEmpty && right.Hashes.IsEmpty ? left.Url == right.Url : left.Hashes.SequenceEqual(right.Hashes);

    private static DuniverseChange Change(VendoredSource left, VendoredSource right) =>
        new(
            left.Directory,
            left.Url,
            right.Url,
            [
                .. left
                    .Hashes.Concat(right.Hashes)
                    .Select(hash => hash.Kind)
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal)
                    .Select(kind => new HashChange(kind, HexOf(left, kind), HexOf(right, kind)))
                    .Where(hash => hash.Left != hash.Right),
            ]
        );

    private static string? HexOf(VendoredSource source, string kind) => source.Hashes.FirstOrDefault(hash => hash.Kind == kind)?.Hex;
}

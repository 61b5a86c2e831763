using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Comparison;

/// <summary>The sources that <c>opam monorepo</c> vendors for a root, by directory: <c>x-opam-monorepo-duniverse-dirs: [[URL DIR [HASH…]] …]</c>.</summary>
internal static class Duniverse
{
    private sealed record Source(OpamText Url, SortedDictionary<string, string> Hashes);

    public static DuniverseComparison Compare(SwitchExport left, SwitchExport right)
    {
        if (!TryRead(left, out var leftSources, out var problem))
            return DuniverseComparison.Empty with { Problem = $"The vendored directories of the left build cannot be read: {problem}" };
        if (!TryRead(right, out var rightSources, out problem))
            return DuniverseComparison.Empty with { Problem = $"The vendored directories of the right build cannot be read: {problem}" };
        return new DuniverseComparison(
            Only(leftSources, rightSources),
            Only(rightSources, leftSources),
            [
                .. leftSources
                    .Where(source => rightSources.TryGetValue(source.Key, out var other) && !AreEqual(source.Value, other))
                    .Select(source => Change(source.Key, source.Value, rightSources[source.Key])),
            ]
        );
    }

    private static bool TryRead(
        SwitchExport export,
        out SortedDictionary<OpamText, Source> sources,
        [NotNullWhen(false)] out string? problem
    )
    {
        sources = [];
        problem = null;
        var entries = export
            .Roots.Select(root => export.Packages.GetValueOrDefault(root.Name)?["x-opam-monorepo-duniverse-dirs"])
            .OfType<OpamValue>()
            .SelectMany(value => OpamShape.Entries(value));
        foreach (var entry in entries)
        {
            if (entry is not OpamValue.List { Values: [OpamValue.Text url, OpamValue.Text directory, .. { Length: <= 1 } rest] })
            {
                problem = "a list of [\"URL\" \"DIRECTORY\" [\"HASH\" …]] was expected.";
                return false;
            }
            if (!TryReadHashes(rest, out var hashes, out problem))
                return false;
            sources[directory.Value] = new Source(url.Value, hashes);
        }
        return true;
    }

    private static bool TryReadHashes(
        ImmutableArray<OpamValue> values,
        out SortedDictionary<string, string> hashes,
        [NotNullWhen(false)] out string? problem
    )
    {
        hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        problem = null;
        ImmutableArray<OpamText>? texts = values is [var value] ? OpamShape.Texts(value) : [];
        foreach (var text in texts ?? [default])
        {
            if (OpamHash.TryParse(text) is not { } hash)
            {
                problem = $"a hash such as \"sha256=…\" was expected, not \"{text}\".";
                return false;
            }
            hashes[hash.Kind] = hash.Hex;
        }
        return true;
    }

    private static ImmutableArray<DuniverseDirectory> Only(
        SortedDictionary<OpamText, Source> here,
        SortedDictionary<OpamText, Source> there
    ) =>
        [
            .. here.Where(source => !there.ContainsKey(source.Key))
                .Select(source => new DuniverseDirectory(source.Key.ToString(), source.Value.Url.ToString())),
        ];

    private static bool AreEqual(Source left, Source right) =>
        left.Hashes.Count == 0 && right.Hashes.Count == 0 ? left.Url == right.Url : left.Hashes.SequenceEqual(right.Hashes);

    private static DuniverseChange Change(OpamText name, Source left, Source right) =>
        new(
            name.ToString(),
            left.Url.ToString(),
            right.Url.ToString(),
            [
                .. left
                    .Hashes.Keys.Union(right.Hashes.Keys)
                    .Order(StringComparer.Ordinal)
                    .Select(kind => new HashChange(kind, left.Hashes.GetValueOrDefault(kind), right.Hashes.GetValueOrDefault(kind)))
                    .Where(hash => hash.Left != hash.Right),
            ]
        );
}

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Packages;

/// <summary>What the roots of a switch vendor: <c>x-opam-monorepo-duniverse-dirs: [[URL DIR [HASH…]] …]</c>.</summary>
public static class VendoredSources
{
    /// <summary>By directory, in the order of their bytes.</summary>
    /// <param name="problem">What was expected, where the field is something else.</param>
    public static bool TryRead(
        SwitchExport export,
        out SortedDictionary<OpamText, VendoredSource> sources,
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
            sources[directory.Value] = new VendoredSource(directory.Value.ToString(), url.Value.ToString(), hashes);
        }
        return true;
    }

    private static bool TryReadHashes(
        ImmutableArray<OpamValue> values,
        out ImmutableArray<OpamHash> hashes,
        [NotNullWhen(false)] out string? problem
    )
    {
        hashes = [];
        problem = null;
        var byKind = new SortedDictionary<string, OpamHash>(StringComparer.Ordinal);
        ImmutableArray<OpamText>? texts = values is [var value] ? OpamShape.Texts(value) : [];
        foreach (var text in texts ?? [default])
        {
            if (OpamHash.TryParse(text) is not { } hash)
            {
                problem = $"a hash such as \"sha256=…\" was expected, not \"{text}\".";
                return false;
            }
            byKind[hash.Kind] = hash;
        }
        hashes = [.. byKind.Values];
        return true;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Builder.Analysis.Elf;

/// <summary>What a binary is made of: each of its bytes belongs to one leaf of the tree.</summary>
public sealed class Dissection
{
    /// <summary>More symbols of one node than these are counted together.</summary>
    private const int MaxNames = 20_000;

    private readonly ElfSymbols _symbols;
    private readonly List<Claim> _claims;

    internal Dissection(
        DissectionNode root,
        long fileSize,
        bool isOfStripped,
        IReadOnlyList<OCamlUnit> units,
        ElfSymbols symbols,
        List<Claim> claims
    )
    {
        Root = root;
        FileSize = fileSize;
        IsOfStripped = isOfStripped;
        Units = units;
        _symbols = symbols;
        _claims = claims;
    }

    public DissectionNode Root { get; }

    /// <summary>Of the file that was read.</summary>
    public long FileSize { get; }

    /// <summary>The tree is of the stripped binary, and <see cref="DissectionNode.Size"/> of its root is that binary's size.</summary>
    public bool IsOfStripped { get; }

    /// <summary>Of an OCaml program; in order of name.</summary>
    public IReadOnlyList<OCamlUnit> Units { get; }

    /// <summary>
    /// What a reader would call the parts: modules with all their sub-modules for OCaml, else packages, crates, namespaces, libraries.
    /// </summary>
    public IEnumerable<KeyValuePair<string, long>> TopLevel()
    {
        if (Units.Count > 0)
            return Units
                .GroupBy(unit => unit.Path[0], StringComparer.Ordinal)
                .Select(module => KeyValuePair.Create(module.Key, module.Sum(unit => unit.Total)))
                .OrderByDescending(module => module.Value)
                .ThenBy(module => module.Key, StringComparer.Ordinal);
        return Root
            .Children.Where(node => node.Kind is DissectionKind.C or DissectionKind.Cpp or DissectionKind.Rust or DissectionKind.Go)
            .SelectMany(language => language.Children)
            .GroupBy(node => node.Name, StringComparer.Ordinal)
            .Select(group => KeyValuePair.Create(group.Key, group.Sum(node => node.Size)))
            .OrderByDescending(group => group.Value)
            .ThenBy(group => group.Key, StringComparer.Ordinal);
    }

    /// <summary>Bytes of <paramref name="kind"/> in the whole tree.</summary>
    public long SizeOf(Func<DissectionKind, bool> kind) => SizeOf(Root, kind);

    /// <summary>The symbols of a node without those of its children; the largest first. Names are as in the source where that can be told.</summary>
    public IReadOnlyList<SymbolSize> SymbolsOf(DissectionNode node)
    {
        if (!node.HasSymbols)
            return [];
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        var claims = LargestClaims(node, out var others);
        foreach (var claim in claims)
        {
            var name = SymbolName.Display(_symbols.NameAt(claim.NameOffset), node.Kind);
            CollectionsMarshal.GetValueRefOrAddDefault(sizes, name, out _) += claim.Size;
        }
        if (others > 0)
            sizes["(smaller symbols)"] = others;
        var sorted = sizes.Select(pair => new SymbolSize(pair.Key, pair.Value)).ToArray();
        Array.Sort(
            sorted,
            (left, right) => left.Size != right.Size ? right.Size.CompareTo(left.Size) : string.CompareOrdinal(left.Name, right.Name)
        );
        return sorted;
    }

    private List<Claim> LargestClaims(DissectionNode node, out long others)
    {
        var claims = new List<Claim>();
        for (var index = node.FirstClaim; index >= 0; index = _claims[index].Next)
            claims.Add(_claims[index]);
        others = 0;
        if (claims.Count <= MaxNames)
            return claims;
        claims.Sort((left, right) => right.Size.CompareTo(left.Size));
        foreach (var claim in CollectionsMarshal.AsSpan(claims)[MaxNames..])
            others += claim.Size;
        claims.RemoveRange(MaxNames, claims.Count - MaxNames);
        return claims;
    }

    public static bool TryDissect(
        ElfFile file,
        DissectionOptions options,
        [NotNullWhen(true)] out Dissection? dissection,
        [NotNullWhen(false)] out string? reason
    )
    {
        dissection = null;
        if (!file.TryReadSymbols(out var symbols, out reason))
            return false;
        try
        {
            // A stripped Go program still names its functions for stack traces; exports to C are few and among them.
            if ((symbols.Count == 0 || symbols.IsDynamic) && GoFunctionTable.Read(file) is { } functions)
                symbols = functions;
            dissection = new Dissector(file, symbols, options).Dissect();
            return true;
        }
        catch (EndOfStreamException)
        {
            reason = "the file became shorter while it was read";
            return false;
        }
    }

    private static long SizeOf(DissectionNode node, Func<DissectionKind, bool> kind) =>
        kind(node.Kind) && node.Kind != DissectionKind.File ? node.Size : node.Children.Sum(child => SizeOf(child, kind));
}

namespace Builder.Analysis.Elf;

/// <summary>What grew, shrank, came and went between two binaries, down to single functions.</summary>
public static class DissectionDifference
{
    /// <returns>The whole; without children where nothing differs in size.</returns>
    public static DifferenceNode Compare(Dissection before, Dissection after) => Compare(before, before.Root, after, after.Root);

    private static DifferenceNode Compare(Dissection before, DissectionNode? old, Dissection after, DissectionNode? now)
    {
        var either = now ?? old!;
        var children = new List<DifferenceNode>();
        var oldChildren = (old?.Children ?? []).ToDictionary(child => (child.Name, child.Kind));
        foreach (var child in now?.Children ?? [])
        {
            oldChildren.Remove((child.Name, child.Kind), out var oldChild);
            children.Add(Compare(before, oldChild, after, child));
        }
        foreach (var gone in oldChildren.Values)
            children.Add(Compare(before, gone, after, null));
        CompareSymbols(old is null ? [] : before.SymbolsOf(old), now is null ? [] : after.SymbolsOf(now), either.Kind, children);
        children.RemoveAll(child => child.Moved == 0);
        children.Sort(
            (left, right) => left.Moved != right.Moved ? right.Moved.CompareTo(left.Moved) : string.CompareOrdinal(left.Name, right.Name)
        );
        return new DifferenceNode(either.Name, either.Kind, old?.Size ?? 0, now?.Size ?? 0, children);
    }

    private static void CompareSymbols(
        IReadOnlyList<SymbolSize> before,
        IReadOnlyList<SymbolSize> after,
        DissectionKind kind,
        List<DifferenceNode> differences
    )
    {
        var old = before.ToDictionary(symbol => symbol.Name, symbol => symbol.Size, StringComparer.Ordinal);
        foreach (var symbol in after)
        {
            old.Remove(symbol.Name, out var oldSize);
            if (oldSize != symbol.Size)
                differences.Add(new DifferenceNode(symbol.Name, kind, oldSize, symbol.Size, []));
        }
        foreach (var (name, size) in old)
            differences.Add(new DifferenceNode(name, kind, size, 0, []));
    }
}

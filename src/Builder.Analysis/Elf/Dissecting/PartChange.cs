using System.Collections.Immutable;

namespace Builder.Analysis.Elf;

/// <summary>A part of two binaries, what it was and what it is.</summary>
/// <param name="Before">0 where it was not there.</param>
/// <param name="Units">Those of its units that changed, the most changed first.</param>
public sealed record PartChange(string Kind, string Name, long Before, long After, ImmutableArray<UnitChange> Units)
{
    public long Change => After - Before;

    /// <summary>Units may have changed against each other.</summary>
    public bool IsChanged => Before != After || !Units.IsEmpty;

    /// <summary>Bytes that came or went, whichever way.</summary>
    public long Moved => Math.Max(Math.Abs(Change), Units.Sum(unit => Math.Abs(unit.Change)));

    /// <returns>The most changed first; then what is the same, the largest first.</returns>
    public static ImmutableArray<PartChange> Compare(ImmutableArray<PartSize> before, ImmutableArray<PartSize> after)
    {
        var old = before.ToLookup(part => (part.Kind, part.Name));
        var now = after.ToLookup(part => (part.Kind, part.Name));
        return
        [
            .. old.Select(parts => parts.Key)
                .Union(now.Select(parts => parts.Key))
                .Select(key => Compare(key.Kind, key.Name, [.. old[key]], [.. now[key]]))
                .OrderByDescending(change => change.Moved)
                .ThenByDescending(change => change.After)
                .ThenBy(change => change.Name, StringComparer.Ordinal),
        ];
    }

    private static PartChange Compare(string kind, string name, PartSize[] before, PartSize[] after)
    {
        var (old, now) = (UnitSizes(before), UnitSizes(after));
        // A module that was one unit and now has parts is shown as a whole.
        var isWhole = before.Length > 0 && after.Length > 0 && (old.Count == 0 || now.Count == 0);
        var units = (isWhole ? [] : old.Keys.Union(now.Keys))
            .Select(unit => new UnitChange(unit, old.GetValueOrDefault(unit), now.GetValueOrDefault(unit)))
            .Where(unit => unit.Change != 0)
            .OrderByDescending(unit => Math.Abs(unit.Change))
            .ThenBy(unit => unit.Name, StringComparer.Ordinal);
        return new PartChange(kind, name, before.Sum(part => part.Size), after.Sum(part => part.Size), [.. units]);
    }

    private static Dictionary<string, long> UnitSizes(PartSize[] parts)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var unit in parts.SelectMany(part => part.Units))
            sizes[unit.Name] = sizes.GetValueOrDefault(unit.Name) + unit.Size;
        return sizes;
    }
}

public readonly record struct UnitChange(string Name, long Before, long After)
{
    public long Change => After - Before;
}

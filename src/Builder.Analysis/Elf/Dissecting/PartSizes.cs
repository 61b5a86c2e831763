using System.Collections.Immutable;

namespace Builder.Analysis.Elf;

/// <summary>A dissection as a list that is small enough to be kept: what is compared between builds. Its sizes add up to the binary's.</summary>
public static class PartSizes
{
    /// <summary>A hostile file can have more; those beyond this, the smallest, are one.</summary>
    private const int MaxParts = 4000;

    private const int MaxUnits = 20_000;

    /// <returns>The largest first.</returns>
    public static ImmutableArray<PartSize> Of(Dissection dissection)
    {
        var parts = new List<PartSize>();
        var units = 0;
        foreach (var kind in dissection.Root.Children)
        {
            foreach (var part in kind.Children)
            {
                var inside = kind.Kind == DissectionKind.OCaml && units < MaxUnits ? UnitsOf(part) : [];
                units += inside.Length;
                parts.Add(new PartSize(kind.Name, part.Name, part.Size, inside));
            }
            var rest = kind.Size - kind.Children.Sum(part => part.Size);
            if (rest > 0)
                parts.Add(new PartSize(kind.Name, kind.Name, rest, []));
        }
        parts.Sort(
            static (left, right) => left.Size != right.Size ? right.Size.CompareTo(left.Size) : string.CompareOrdinal(left.Name, right.Name)
        );
        if (parts.Count > MaxParts)
        {
            var others = parts.Skip(MaxParts).Sum(part => part.Size);
            parts.RemoveRange(MaxParts, parts.Count - MaxParts);
            parts.Add(new PartSize("", "(smaller parts)", others, []));
        }
        return [.. parts];
    }

    private static ImmutableArray<UnitSize> UnitsOf(DissectionNode module)
    {
        var units = ImmutableArray.CreateBuilder<UnitSize>();
        Collect(module, module.Name, units);
        return units.Count > 1 ? units.ToImmutable() : [];
    }

    private static void Collect(DissectionNode module, string name, ImmutableArray<UnitSize>.Builder units)
    {
        var own = module.Size;
        foreach (var child in module.Children.Where(child => child.Kind == DissectionKind.OCaml))
        {
            own -= child.Size;
            Collect(child, $"{name}.{child.Name}", units);
        }
        if (own > 0)
            units.Add(new UnitSize(name, own));
    }
}

using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>What the dynamic loader writes where: the address of a symbol, or of a place of the file itself.</summary>
internal static class DynamicRelocations
{
    private const int MaxSlots = 400_000;

    public static (ElfSymbols Symbols, Dictionary<ulong, (int Symbol, long Addend)> Slots) Read(ElfSide side)
    {
        var slots = new Dictionary<ulong, (int, long)>();
        var reader = side.File.Header.Fields;
        var symbols = new ElfSymbols([], [], [], reader, isDynamic: true);
        if (side.IsRelocatable)
            return (symbols, slots);
        if (
            side.Sections.FirstOrDefault(section => section.Type == ElfSection.DynamicSymbols) is { } table
            && table.Link < side.Sections.Length
            && side.Sections[(int)table.Link].Type == ElfSection.StringTable
        )
            symbols = new ElfSymbols(side.Loaded(table.Index), side.Loaded((int)table.Link), [], reader, isDynamic: true);
        foreach (var section in side.Sections.Where(section => section.IsLoaded && RelocationTable.Is(section)))
        {
            foreach (var entry in RelocationTable.Read(side, section))
            {
                if (slots.Count >= MaxSlots)
                    break;
                if (entry.Symbol < Math.Max(1, symbols.Count))
                    slots.TryAdd(entry.Place, (entry.Symbol, entry.Addend ?? AddendAt(side, entry, reader)));
            }
        }
        return (symbols, slots);
    }

    // Of a symbol's slot the place holds something else: the way to the loader.
    private static long AddendAt(ElfSide side, RelocationEntry entry, FieldReader reader)
    {
        if (entry.Symbol != 0)
            return 0;
        var bytes = side.BytesAt(entry.Place);
        return bytes.Length >= reader.AddressSize ? (long)reader.Address(bytes, 0) : 0;
    }
}

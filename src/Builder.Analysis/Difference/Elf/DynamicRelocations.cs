using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>What the dynamic loader writes where: the address of a symbol, or of a place of the file itself.</summary>
internal static class DynamicRelocations
{
    private const int EntrySize = 24;
    private const int MaxSlots = 400_000;
    private const uint WithAddends = 4;

    public static (ElfSymbols Symbols, Dictionary<ulong, (int Symbol, long Addend)> Slots) Read(ElfSide side)
    {
        var slots = new Dictionary<ulong, (int, long)>();
        var reader = new FieldReader(side.File.Header.IsBigEndian);
        var symbols = new ElfSymbols([], [], [], reader, isDynamic: true);
        if (side.IsRelocatable)
            return (symbols, slots);
        if (
            side.Sections.FirstOrDefault(section => section.Type == ElfSection.DynamicSymbols) is { } table
            && table.Link < side.Sections.Length
            && side.Sections[(int)table.Link].Type == ElfSection.StringTable
        )
            symbols = new ElfSymbols(side.Loaded(table.Index), side.Loaded((int)table.Link), [], reader, isDynamic: true);
        foreach (var section in side.Sections.Where(section => section is { Type: WithAddends, IsLoaded: true }))
        {
            var bytes = side.Bytes(section.Index);
            for (var at = 0; at <= bytes.Length - EntrySize && slots.Count < MaxSlots; at += EntrySize)
            {
                var symbol = (int)Math.Min(reader.UInt64(bytes, at + 8) >> 32, int.MaxValue);
                if (symbol < Math.Max(1, symbols.Count))
                    slots.TryAdd(reader.UInt64(bytes, at), (symbol, (long)reader.UInt64(bytes, at + 16)));
            }
        }
        return (symbols, slots);
    }
}

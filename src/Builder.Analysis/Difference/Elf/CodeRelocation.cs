using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>What the linker will fill in.</summary>
/// <param name="Offset">In the section.</param>
/// <param name="Base">The address that the symbol has on this side; 0 for an import.</param>
/// <param name="Import">The symbol, where another file defines it; otherwise −1.</param>
/// <param name="IsRelative">Counted from the place itself.</param>
internal readonly record struct CodeRelocation(long Offset, ulong Base, long Addend, int Import, bool IsRelative)
{
    private const int MaxRelocations = 1 << 20;

    public static Comparer<CodeRelocation> ByOffset { get; } =
        Comparer<CodeRelocation>.Create((left, right) => left.Offset.CompareTo(right.Offset));

    /// <summary>Those of a section, in order.</summary>
    public static CodeRelocation[] Read(ElfSide side, int section)
    {
        var all = new List<CodeRelocation>();
        var reader = side.File.Header.Fields;
        foreach (var table in side.Sections.Where(table => RelocationTable.Is(table) && table.Info == (uint)section))
        {
            foreach (var relocation in RelocationTable.Read(side, table))
            {
                if (all.Count >= MaxRelocations)
                    break;
                if (relocation.Symbol >= side.Symbols.Count)
                    continue;
                var entry = side.Symbols[relocation.Symbol];
                var isImport = entry.Section <= 0;
                all.Add(
                    new CodeRelocation(
                        (long)Math.Min(relocation.Place, long.MaxValue),
                        isImport ? 0 : side.AddressOf(entry),
                        relocation.Addend ?? AddendAt(side.Bytes(section), relocation.Place, reader),
                        isImport ? relocation.Symbol : -1,
                        IsCountedFromPlace(side.File.Header.Machine, relocation.Type)
                    )
                );
            }
        }
        all.Sort(ByOffset);
        return [.. all];
    }

    private static long AddendAt(ReadOnlySpan<byte> bytes, ulong place, FieldReader reader) =>
        bytes.Length >= 4 && place <= (ulong)bytes.Length - 4 ? (int)reader.UInt32(bytes, (int)place) : 0;

    // x86-64 and i386 psABI, table "Relocation Types": PC8 to PC64, PLT32, GOTPCREL and its kin; PC32, PLT32, GOTPC, PC16, PC8.
    private static bool IsCountedFromPlace(ushort machine, uint type) =>
        machine switch
        {
            0x3E => type is 2 or 4 or 9 or 13 or 15 or 19 or 20 or 22 or 24 or 26 or 29 or 41 or 42,
            0x03 => type is 2 or 4 or 10 or 21 or 23,
            _ => false,
        };
}

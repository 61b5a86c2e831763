using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>What the linker will fill in.</summary>
/// <param name="Offset">In the section.</param>
/// <param name="Base">The address that the symbol has on this side; 0 for an import.</param>
/// <param name="Import">The symbol, where another file defines it; otherwise −1.</param>
/// <param name="IsRelative">Counted from the place itself.</param>
internal readonly record struct CodeRelocation(long Offset, ulong Base, long Addend, int Import, bool IsRelative)
{
    private const int EntrySize = 24;
    private const int MaxRelocations = 1 << 20;
    private const uint WithAddends = 4;

    public static Comparer<CodeRelocation> ByOffset { get; } =
        Comparer<CodeRelocation>.Create((left, right) => left.Offset.CompareTo(right.Offset));

    /// <summary>Those of a section, in order.</summary>
    public static CodeRelocation[] Read(ElfSide side, int section)
    {
        var all = new List<CodeRelocation>();
        var reader = new FieldReader(side.File.Header.IsBigEndian);
        foreach (var table in side.Sections.Where(table => table.Type == WithAddends && table.Info == (uint)section))
        {
            var bytes = side.Bytes(table.Index);
            for (var at = 0; at <= bytes.Length - EntrySize && all.Count < MaxRelocations; at += EntrySize)
            {
                var info = reader.UInt64(bytes, at + 8);
                var symbol = (int)Math.Min(info >> 32, int.MaxValue);
                if (symbol >= side.Symbols.Count)
                    continue;
                var entry = side.Symbols[symbol];
                var isImport = entry.Section <= 0;
                all.Add(
                    new CodeRelocation(
                        (long)Math.Min(reader.UInt64(bytes, at), long.MaxValue),
                        isImport ? 0 : side.AddressOf(entry),
                        (long)reader.UInt64(bytes, at + 16),
                        isImport ? symbol : -1,
                        IsCountedFromPlace(side.File.Header.Machine, (uint)info)
                    )
                );
            }
        }
        all.Sort(ByOffset);
        return [.. all];
    }

    // x86-64 psABI, table "Relocation Types": PC8 to PC64, PLT32, GOTPCREL and its kin.
    private static bool IsCountedFromPlace(ushort machine, uint type) =>
        machine == 0x3E && type is 2 or 4 or 9 or 13 or 15 or 19 or 20 or 22 or 24 or 26 or 29 or 41 or 42;
}

using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>The entries of relocation sections of either class, with or without addends (gABI, "Relocation").</summary>
internal static class RelocationTable
{
    private const uint WithAddends = 4;
    private const uint WithoutAddends = 9;

    public static bool Is(ElfSection section) => section.Type is WithAddends or WithoutAddends;

    /// <summary>In the order of the file.</summary>
    public static IEnumerable<RelocationEntry> Read(ElfSide side, ElfSection section)
    {
        var bytes = side.Loaded(section.Index);
        var reader = side.File.Header.Fields;
        var word = reader.AddressSize;
        var size = (section.Type == WithAddends ? 3 : 2) * word;
        for (var at = 0; at <= bytes.Length - size; at += size)
        {
            var info = reader.Address(bytes, at + word);
            yield return new RelocationEntry(
                reader.Address(bytes, at),
                (int)Math.Min(info >> (word == 4 ? 8 : 32), int.MaxValue),
                word == 4 ? (uint)info & 0xFF : (uint)info,
                section.Type == WithAddends ? reader.SignedAddress(bytes, at + 2 * word) : null
            );
        }
    }
}

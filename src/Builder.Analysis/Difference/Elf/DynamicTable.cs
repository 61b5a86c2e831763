using System.Text;

namespace Builder.Analysis.Difference.Elf;

/// <summary>What the dynamic section says to the loader (gABI, "Dynamic Section").</summary>
internal static class DynamicTable
{
    private const int MaxEntries = 4096;
    private const int MaxName = 4096;

    /// <summary>Values of entries that are no address: names, and flags.</summary>
    public static Dictionary<string, List<string>> Read(ElfSide side)
    {
        var found = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        if (side.SectionNamed(".dynamic") is not { } section || section.Link >= side.Sections.Length)
            return found;
        var names = side.Bytes((int)section.Link);
        var bytes = side.Bytes(section.Index);
        var reader = side.File.Header.Fields;
        var size = 2 * reader.AddressSize;
        for (var at = 0; at + size <= Math.Min(bytes.Length, MaxEntries * size); at += size)
        {
            var tag = reader.Address(bytes, at);
            var value = reader.Address(bytes, at + reader.AddressSize);
            if (tag == 0)
                break;
            if (NameOf(tag) is not { } name)
                continue;
            if (!found.TryGetValue(name, out var values))
                found.Add(name, values = []);
            values.Add(tag is 1 or 14 or 15 or 29 ? TextAt(names, value) : $"0x{value:x}");
        }
        return found;
    }

    private static string? NameOf(ulong tag) =>
        tag switch
        {
            1 => "NEEDED",
            14 => "SONAME",
            15 => "RPATH",
            16 => "SYMBOLIC",
            22 => "TEXTREL",
            24 => "BIND_NOW",
            29 => "RUNPATH",
            30 => "FLAGS",
            0x6FFFFFFB => "FLAGS_1",
            _ => null,
        };

    private static string TextAt(ReadOnlySpan<byte> names, ulong offset)
    {
        if (offset >= (ulong)names.Length)
            return "";
        var rest = names[(int)offset..];
        var end = rest[..Math.Min(rest.Length, MaxName)].IndexOf((byte)0);
        return end < 0 ? "" : Encoding.UTF8.GetString(rest[..end]);
    }
}

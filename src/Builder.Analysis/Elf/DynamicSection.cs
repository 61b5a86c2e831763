using System.Text;

namespace Builder.Analysis.Elf;

/// <summary>What a program tells the dynamic loader (System V gABI, chapter 5).</summary>
public static class DynamicSection
{
    private const uint Segment = 2;
    private const ulong End = 0;
    private const ulong Needed = 1;
    private const ulong StringTable = 5;
    private const ulong StringTableSize = 10;
    private const int EntrySize = 16;
    private const int MaxEntries = 100_000;
    private const int MaxNames = 1000;
    private const int MaxNameLength = 500;

    /// <summary>The shared libraries that the program names itself (DT_NEEDED), such as <c>libgmp.so.10</c>; none for a static one or a broken table.</summary>
    public static IReadOnlyList<string> NeededLibraries(ElfFile file)
    {
        try
        {
            return Read(file);
        }
        catch (EndOfStreamException)
        {
            return [];
        }
    }

    private static List<string> Read(ElfFile file)
    {
        if (
            file.Segments.FirstOrDefault(static segment => segment.Type == Segment) is not { } dynamic
            || !file.IsInside(dynamic.Offset, dynamic.SizeInFile)
        )
            return [];
        var reader = new FieldReader(file.Header.IsBigEndian);
        var entry = new byte[EntrySize];
        var names = new List<ulong>();
        ulong address = 0;
        ulong size = 0;
        var count = Math.Min(dynamic.SizeInFile / EntrySize, MaxEntries);
        for (ulong index = 0; index < count; index++)
        {
            file.Source.Read((long)(dynamic.Offset + (index * EntrySize)), entry);
            var value = reader.UInt64(entry, 8);
            switch (reader.UInt64(entry, 0))
            {
                case End:
                    index = count - 1;
                    break;
                case Needed when names.Count < MaxNames:
                    names.Add(value);
                    break;
                case StringTable:
                    address = value;
                    break;
                case StringTableSize:
                    size = value;
                    break;
            }
        }
        return OffsetOf(file, address) is { } table
            ? [.. names.Select(name => Text(file, table, size, name)).OfType<string>().Distinct()]
            : [];
    }

    /// <summary>Where in the file an address is loaded from.</summary>
    private static ulong? OffsetOf(ElfFile file, ulong address) =>
        file
            .Segments.Where(segment =>
                segment.Type == ElfSegment.Load && address >= segment.Address && address - segment.Address < segment.SizeInFile
            )
            .Select(segment => (ulong?)(segment.Offset + (address - segment.Address)))
            .FirstOrDefault();

    private static string? Text(ElfFile file, ulong table, ulong size, ulong name)
    {
        if (name >= size || table > (ulong)file.Length || name >= (ulong)file.Length - table)
            return null;
        var start = table + name;
        var bytes = new byte[Math.Min(MaxNameLength, Math.Min((ulong)file.Length - start, size - name))];
        file.Source.Read((long)start, bytes);
        var end = bytes.AsSpan().IndexOf((byte)0);
        return end <= 0 ? null : Encoding.UTF8.GetString(bytes, 0, end);
    }
}

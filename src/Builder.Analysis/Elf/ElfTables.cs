using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Builder.Analysis.Elf;

/// <summary>Reads the file header and both header tables.</summary>
internal static class ElfTables
{
    private const int Class32 = 1;
    private const int Class64 = 2;
    private const int SmallestHeader = 52;
    private const int MaxSections = 1 << 17;
    private const int MaxSectionNameLength = 256;

    public static bool TryRead(ByteSource source, [NotNullWhen(true)] out ElfFile? file, [NotNullWhen(false)] out string? reason)
    {
        file = null;
        if (source.Length < SmallestHeader)
            return Refuse($"{source.Length} bytes are too few for an ELF header", out reason);
        var header = new byte[ElfLayout.Class64.HeaderSize];
        source.Read(0, header.AsSpan(0, (int)Math.Min(header.Length, source.Length)));
        if (!header.AsSpan(0, 4).SequenceEqual("\u007FELF"u8))
            return Refuse("not an ELF file", out reason);
        if (header[4] is not (Class32 or Class64))
            return Refuse($"unknown ELF class {header[4]}", out reason);
        var layout = header[4] == Class32 ? ElfLayout.Class32 : ElfLayout.Class64;
        if (source.Length < layout.HeaderSize)
            return Refuse($"{source.Length} bytes are too few for an ELF header", out reason);
        if (header[5] is not (1 or 2))
            return Refuse($"unknown byte order {header[5]}", out reason);
        var reader = new FieldReader(bigEndian: header[5] == 2, is32Bit: header[4] == Class32);
        if (header[6] != 1 || reader.UInt32(header, 20) != 1)
            return Refuse("unknown ELF version", out reason);
        if (reader.UInt16(header, layout.Counts) < layout.HeaderSize)
            return Refuse($"the ELF header says that it is {reader.UInt16(header, layout.Counts)} bytes long", out reason);

        if (!TryReadSections(source, reader, layout, header, out var sections, out var sectionsAt, out reason))
            return false;
        if (!TryReadSegments(source, reader, layout, header, sections, out var segments, out var segmentsAt, out reason))
            return false;

        var type = reader.UInt16(header, 16);
        var summary = new ElfHeader(
            header[5] == 2,
            header[4] == Class32,
            (ElfType)type,
            reader.UInt16(header, 18),
            reader.Address(header, 24)
        );
        file = new ElfFile(
            source,
            summary,
            segments,
            Named(source, reader, layout, header, sections),
            new HeaderPlaces(
                layout.HeaderSize,
                segmentsAt,
                segments.Length * layout.SegmentSize,
                sectionsAt,
                sections.Length * layout.SectionSize
            )
        );
        return true;
    }

    private static bool TryReadSegments(
        ByteSource source,
        FieldReader reader,
        ElfLayout layout,
        byte[] header,
        ElfSection[] sections,
        out ImmutableArray<ElfSegment> segments,
        out long at,
        [NotNullWhen(false)] out string? reason
    )
    {
        const int CountIsInFirstSection = 0xFFFF;
        segments = [];
        at = 0;
        reason = null!;
        var offset = reader.Address(header, layout.SegmentTable);
        long count = reader.UInt16(header, layout.Counts + 4);
        if (count == CountIsInFirstSection && sections.Length > 0)
            count = sections[0].Info;
        if (count == 0)
            return true;
        if (reader.UInt16(header, layout.Counts + 2) != layout.SegmentSize)
            return Refuse(
                $"program headers of {reader.UInt16(header, layout.Counts + 2)} bytes instead of {layout.SegmentSize}",
                out reason
            );
        if (count > MaxSections || !TryReadTable(source, offset, count * layout.SegmentSize, out var table))
            return Refuse($"{count} program headers at {offset} do not fit into {source.Length} bytes", out reason);
        var rows = ImmutableArray.CreateBuilder<ElfSegment>((int)count);
        for (var row = 0; row < table.Length; row += layout.SegmentSize)
            rows.Add(ElfLayout.Segment(reader, table, row));
        segments = rows.MoveToImmutable();
        at = (long)offset;
        return true;
    }

    private static bool TryReadSections(
        ByteSource source,
        FieldReader reader,
        ElfLayout layout,
        byte[] header,
        out ElfSection[] sections,
        out long at,
        [NotNullWhen(false)] out string? reason
    )
    {
        sections = [];
        at = 0;
        reason = null!;
        var offset = reader.Address(header, layout.SectionTable);
        long count = reader.UInt16(header, layout.Counts + 8);
        if (offset == 0)
            return true;
        if (reader.UInt16(header, layout.Counts + 6) != layout.SectionSize)
            return Refuse(
                $"section headers of {reader.UInt16(header, layout.Counts + 6)} bytes instead of {layout.SectionSize}",
                out reason
            );
        if (count == 0)
        {
            // More than fit into 16 bits: the first header, otherwise empty, holds the number.
            if (!TryReadTable(source, offset, layout.SectionSize, out var first))
                return Refuse($"section headers at {offset} do not fit into {source.Length} bytes", out reason);
            count = (long)Math.Min(ElfLayout.Section(reader, first, 0, 0).Size, long.MaxValue);
        }
        if (count > MaxSections || !TryReadTable(source, offset, count * layout.SectionSize, out var table))
            return Refuse($"{count} section headers at {offset} do not fit into {source.Length} bytes", out reason);
        sections = new ElfSection[count];
        for (var i = 0; i < sections.Length; i++)
            sections[i] = ElfLayout.Section(reader, table, i * layout.SectionSize, i);
        at = (long)offset;
        return true;
    }

    /// <summary>A file whose section names cannot be read has nameless sections: what they hold is still there.</summary>
    private static ImmutableArray<ElfSection> Named(
        ByteSource source,
        FieldReader reader,
        ElfLayout layout,
        byte[] header,
        ElfSection[] sections
    )
    {
        const int IndexIsInFirstSection = 0xFFFF;
        uint index = reader.UInt16(header, layout.Counts + 10);
        if (index == IndexIsInFirstSection && sections.Length > 0)
            index = sections[0].Link;
        if (
            index == 0
            || index >= sections.Length
            || !sections[index].HasBytes
            || sections[index].Size > MaxSections * 64UL
            || !TryReadTable(source, sections[index].Offset, (long)sections[index].Size, out var names)
        )
            return [.. sections];
        return [.. sections.Select(section => section with { Name = NameAt(names, section.NameOffset) })];
    }

    private static string NameAt(byte[] names, uint offset)
    {
        if (offset >= names.Length)
            return "";
        var rest = names.AsSpan((int)offset);
        var end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(rest[..Math.Min(end < 0 ? rest.Length : end, MaxSectionNameLength)]);
    }

    private static bool TryReadTable(ByteSource source, ulong offset, long size, out byte[] table)
    {
        table = [];
        if (offset > (ulong)source.Length || size > source.Length - (long)offset || size > ElfFile.LargestTable)
            return false;
        table = new byte[size];
        source.Read((long)offset, table);
        return true;
    }

    private static bool Refuse(string why, out string reason)
    {
        reason = why;
        return false;
    }
}

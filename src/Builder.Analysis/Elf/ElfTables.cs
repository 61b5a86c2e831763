using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Builder.Analysis.Elf;

/// <summary>Reads the file header and both header tables.</summary>
internal static class ElfTables
{
    private const int HeaderSize = 64;
    private const int SegmentSize = 56;
    private const int SectionSize = 64;
    private const int MaxSections = 1 << 17;
    private const int MaxSectionNameLength = 256;

    public static bool TryRead(ByteSource source, [NotNullWhen(true)] out ElfFile? file, [NotNullWhen(false)] out string? reason)
    {
        file = null;
        if (source.Length < HeaderSize)
            return Refuse($"{source.Length} bytes are too few for an ELF header", out reason);
        var header = new byte[HeaderSize];
        source.Read(0, header);
        if (!header.AsSpan(0, 4).SequenceEqual("\u007FELF"u8))
            return Refuse("not an ELF file", out reason);
        if (header[4] != 2)
            return Refuse(header[4] == 1 ? "a 32-bit ELF file; only 64-bit ones are read" : $"unknown ELF class {header[4]}", out reason);
        if (header[5] is not (1 or 2))
            return Refuse($"unknown byte order {header[5]}", out reason);
        var reader = new FieldReader(bigEndian: header[5] == 2);
        if (header[6] != 1 || reader.UInt32(header, 20) != 1)
            return Refuse("unknown ELF version", out reason);
        if (reader.UInt16(header, 52) < HeaderSize)
            return Refuse($"the ELF header says that it is {reader.UInt16(header, 52)} bytes long", out reason);

        if (!TryReadSections(source, reader, header, out var sections, out var sectionsAt, out reason))
            return false;
        if (!TryReadSegments(source, reader, header, sections, out var segments, out var segmentsAt, out reason))
            return false;

        var type = reader.UInt16(header, 16);
        var summary = new ElfHeader(header[5] == 2, (ElfType)type, reader.UInt16(header, 18), reader.UInt64(header, 24));
        file = new ElfFile(
            source,
            summary,
            segments,
            Named(source, reader, header, sections),
            new HeaderPlaces(HeaderSize, segmentsAt, segments.Length * SegmentSize, sectionsAt, sections.Length * SectionSize)
        );
        return true;
    }

    private static bool TryReadSegments(
        ByteSource source,
        FieldReader reader,
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
        var offset = reader.UInt64(header, 32);
        long count = reader.UInt16(header, 56);
        if (count == CountIsInFirstSection && sections.Length > 0)
            count = sections[0].Info;
        if (count == 0)
            return true;
        if (reader.UInt16(header, 54) != SegmentSize)
            return Refuse($"program headers of {reader.UInt16(header, 54)} bytes instead of {SegmentSize}", out reason);
        if (count > MaxSections || !TryReadTable(source, offset, count * SegmentSize, out var table))
            return Refuse($"{count} program headers at {offset} do not fit into {source.Length} bytes", out reason);
        var rows = ImmutableArray.CreateBuilder<ElfSegment>((int)count);
        for (var row = 0; row < table.Length; row += SegmentSize)
            rows.Add(
                new ElfSegment(
                    Type: reader.UInt32(table, row),
                    Flags: reader.UInt32(table, row + 4),
                    Offset: reader.UInt64(table, row + 8),
                    Address: reader.UInt64(table, row + 16),
                    SizeInFile: reader.UInt64(table, row + 32),
                    SizeInMemory: reader.UInt64(table, row + 40)
                )
            );
        segments = rows.MoveToImmutable();
        at = (long)offset;
        return true;
    }

    private static bool TryReadSections(
        ByteSource source,
        FieldReader reader,
        byte[] header,
        out ElfSection[] sections,
        out long at,
        [NotNullWhen(false)] out string? reason
    )
    {
        sections = [];
        at = 0;
        reason = null!;
        var offset = reader.UInt64(header, 40);
        long count = reader.UInt16(header, 60);
        if (offset == 0)
            return true;
        if (reader.UInt16(header, 58) != SectionSize)
            return Refuse($"section headers of {reader.UInt16(header, 58)} bytes instead of {SectionSize}", out reason);
        if (count == 0)
        {
            // More than fit into 16 bits: the first header, otherwise empty, holds the number.
            if (!TryReadTable(source, offset, SectionSize, out var first))
                return Refuse($"section headers at {offset} do not fit into {source.Length} bytes", out reason);
            count = (long)Math.Min(reader.UInt64(first, 32), long.MaxValue);
        }
        if (count > MaxSections || !TryReadTable(source, offset, count * SectionSize, out var table))
            return Refuse($"{count} section headers at {offset} do not fit into {source.Length} bytes", out reason);
        sections = new ElfSection[count];
        for (var i = 0; i < sections.Length; i++)
        {
            var row = i * SectionSize;
            sections[i] = new ElfSection(
                i,
                Name: "",
                Type: reader.UInt32(table, row + 4),
                Flags: reader.UInt64(table, row + 8),
                Address: reader.UInt64(table, row + 16),
                Offset: reader.UInt64(table, row + 24),
                Size: reader.UInt64(table, row + 32),
                Link: reader.UInt32(table, row + 40),
                Info: reader.UInt32(table, row + 44)
            )
            {
                NameOffset = reader.UInt32(table, row),
            };
        }
        at = (long)offset;
        return true;
    }

    /// <summary>A file whose section names cannot be read has nameless sections: what they hold is still there.</summary>
    private static ImmutableArray<ElfSection> Named(ByteSource source, FieldReader reader, byte[] header, ElfSection[] sections)
    {
        const int IndexIsInFirstSection = 0xFFFF;
        uint index = reader.UInt16(header, 62);
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

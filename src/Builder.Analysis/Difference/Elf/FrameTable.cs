using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>The ranges of functions as the unwind table tells them; a stripped file keeps it (LSB Core, "Exception Frames").</summary>
internal static class FrameTable
{
    private const int MaxEntries = 1 << 20;
    private const int Absolute = 0;
    private const int PcRelative = 0x10;

    public static List<(ulong Start, ulong Size)> Read(ElfSide side)
    {
        var ranges = new List<(ulong, ulong)>();
        if (side.IsRelocatable || side.SectionNamed(".eh_frame") is not { } section)
            return ranges;
        var bytes = side.Bytes(section.Index);
        var reader = side.File.Header.Fields;
        var encodings = new Dictionary<int, int>();
        for (var at = 0; at <= bytes.Length - 8 && ranges.Count < MaxEntries; )
        {
            long length = reader.UInt32(bytes, at);
            if (length == 0)
            {
                at += 4;
                continue;
            }
            if (length == uint.MaxValue || length < 4 || length > bytes.Length - at - 4)
                break;
            var body = at + 4;
            var distance = reader.UInt32(bytes, body);
            var end = body + (int)length;
            if (distance == 0)
                encodings[at] = Encoding(bytes[body..end], reader.AddressSize);
            else if (distance <= (uint)body && encodings.TryGetValue(body - (int)distance, out var encoding))
                Add(ranges, bytes[..end], body + 4, encoding, section.Address, reader);
            at = end;
        }
        return ranges;
    }

    private static void Add(List<(ulong, ulong)> ranges, ReadOnlySpan<byte> bytes, int at, int encoding, ulong address, FieldReader reader)
    {
        var width = (encoding & 0xF) switch
        {
            0 => reader.AddressSize,
            4 or 12 => 8,
            2 or 10 => 2,
            3 or 11 => 4,
            _ => 0,
        };
        if (width == 0 || at > bytes.Length - 2 * width || (encoding & 0xF0) is not (Absolute or PcRelative))
            return;
        var start = Value(bytes, at, encoding & 0xF, reader);
        // The length has the format of the address, but no sign.
        var size = Value(bytes, at + width, encoding & 7, reader);
        if ((encoding & 0xF0) == PcRelative)
            start += address + (uint)at;
        if (reader.AddressSize == 4)
            start = (uint)start;
        if (size > 0)
            ranges.Add((start, size));
    }

    private static ulong Value(ReadOnlySpan<byte> bytes, int at, int format, FieldReader reader) =>
        format switch
        {
            2 => reader.UInt16(bytes, at),
            3 => reader.UInt32(bytes, at),
            10 => (ulong)(short)reader.UInt16(bytes, at),
            11 => (ulong)(int)reader.UInt32(bytes, at),
            0 => reader.Address(bytes, at),
            _ => reader.UInt64(bytes, at),
        };

    // The format of addresses stands behind the letter R of a CIE's augmentation; without one they are plain.
    private static int Encoding(ReadOnlySpan<byte> entry, int addressSize)
    {
        const int Unknown = 0xFF;
        if (entry.Length < 6)
            return Unknown;
        var text = entry[5..];
        var end = text.IndexOf((byte)0);
        if (end < 0)
            return Unknown;
        var augmentation = text[..end];
        if (augmentation.IsEmpty)
            return Absolute;
        if (augmentation[0] != 'z')
            return Unknown;
        var at = 5 + end + 1;
        // Code and data alignment, return register, length of the augmentation.
        for (var i = 0; i < 4; i++)
            SkipNumber(entry, ref at);
        foreach (var letter in augmentation[1..])
        {
            if (at >= entry.Length)
                return Unknown;
            switch (letter)
            {
                case (byte)'R':
                    return entry[at];
                case (byte)'L':
                    at++;
                    break;
                case (byte)'P':
                    at +=
                        1
                        + (
                            (entry[at] & 7) switch
                            {
                                0 => addressSize,
                                2 => 2,
                                3 => 4,
                                _ => 8,
                            }
                        );
                    break;
                case (byte)'S' or (byte)'B':
                    break;
                default:
                    return Unknown;
            }
        }
        return Absolute;
    }

    private static void SkipNumber(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (at < bytes.Length && bytes[at++] >= 0x80) { }
    }
}

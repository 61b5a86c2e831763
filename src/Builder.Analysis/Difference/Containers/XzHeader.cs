namespace Builder.Analysis.Difference.Containers;

/// <summary>Headers of .xz (specification 1.1.0): the kind of checksum, and what each block needs.</summary>
internal static class XzHeader
{
    private const int Lzma2 = 0x21;

    public static ReadOnlySpan<byte> Magic => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    /// <exception cref="InvalidDataException">The block whose header begins here needs too much memory.</exception>
    public static void CheckDictionary(Stream stream, int headerLength)
    {
        var header = new byte[headerLength];
        stream.ReadExactly(header);
        if (Dictionary(header) is not { } size)
            throw new InvalidDataException("the xz data has a block header that is broken");
        if (size > Packed.MaxDictionary)
            throw new InvalidDataException(Packed.TooLarge("xz"));
    }

    /// <summary>In bytes; null where the header is broken or has no LZMA2.</summary>
    public static long? Dictionary(ReadOnlySpan<byte> header)
    {
        var flags = header[1];
        var at = 2;
        for (var sizes = ((flags >> 6) & 1) + (flags >> 7); sizes > 0; sizes--)
        {
            if (Number(header, ref at) is null)
                return null;
        }
        long? found = null;
        for (var filters = (flags & 3) + 1; filters > 0; filters--)
        {
            if (Number(header, ref at) is not { } id || Number(header, ref at) is not { } length || length > header.Length - at)
                return null;
            if (id == Lzma2 && length == 1)
                found = SizeOf(header[at] & 0x3f);
            at += (int)length;
        }
        return found;
    }

    /// <summary>The settings of the first stream and block, as people name them.</summary>
    public static List<MemberField> Fields(Content content)
    {
        var start = content.Start;
        var fields = new List<MemberField>();
        if (start.Length < 16)
            return fields;
        fields.Add(
            new MemberField(
                "check",
                (start[7] & 15) switch
                {
                    0 => "none",
                    1 => "CRC32",
                    4 => "CRC64",
                    10 => "SHA-256",
                    var other => $"{other}",
                },
                CauseKind.Compression
            )
        );
        var length = (start[12] + 1) * 4;
        if (start[12] == 0 || start.Length < 12 + length)
            return fields;
        var header = start.Slice(12, length);
        fields.Add(new MemberField("dictionary", Dictionary(header) is { } size ? $"{size >> 10} KiB" : "unknown", CauseKind.Compression));
        fields.Add(new MemberField("filters", $"{(header[1] & 3) + 1}", CauseKind.Compression));
        fields.Add(
            new MemberField(
                "sizes in block headers",
                (header[1] & 0xc0) != 0 ? "yes (several threads)" : "no (one thread)",
                CauseKind.Compression
            )
        );
        return fields;
    }

    private static long SizeOf(int bits) => bits >= 40 ? uint.MaxValue : (2L | (bits & 1)) << ((bits / 2) + 11);

    private static long? Number(ReadOnlySpan<byte> bytes, ref int at)
    {
        long value = 0;
        for (var shift = 0; shift < 63 && at < bytes.Length; shift += 7)
        {
            var next = bytes[at++];
            value |= (long)(next & 0x7f) << shift;
            if ((next & 0x80) == 0)
                return value;
        }
        return null;
    }
}

using System.Buffers.Binary;
using System.Globalization;

namespace Builder.Analysis.Difference.Containers;

/// <summary>What the header of a packed stream says about how it was packed.</summary>
internal static class PackedHeader
{
    public static List<MemberField> Fields(Content content, PackedFormat format) =>
        format switch
        {
            PackedFormat.Gzip => GzipHeader.Fields(content),
            PackedFormat.Xz => XzHeader.Fields(content),
            PackedFormat.Bzip2 => [new MemberField("level", $"-{(char)content.Start[3]}", CauseKind.Compression)],
            PackedFormat.Lzma => Lzma(content.Start),
            PackedFormat.Zstd => Zstd(content.Start),
            _ => [],
        };

    private static List<MemberField> Lzma(ReadOnlySpan<byte> start) =>
        [
            new("dictionary", $"{BinaryPrimitives.ReadUInt32LittleEndian(start[1..]) >> 10} KiB", CauseKind.Compression),
            new("size in the header", BinaryPrimitives.ReadInt64LittleEndian(start[5..]) < 0 ? "no" : "yes", CauseKind.Compression),
        ];

    // RFC 8878, section 3.1.1.1.
    private static List<MemberField> Zstd(ReadOnlySpan<byte> start)
    {
        if (start.Length < 6)
            return [];
        var descriptor = start[4];
        var isSingle = (descriptor & 0x20) != 0;
        var fields = new List<MemberField>
        {
            new("checksum", (descriptor & 4) != 0 ? "yes" : "no", CauseKind.Compression),
            new("single segment", isSingle ? "yes" : "no", CauseKind.Compression),
        };
        if (!isSingle)
        {
            var window = 1L << (10 + (start[5] >> 3));
            window += (window / 8) * (start[5] & 7);
            fields.Add(
                new MemberField("window", string.Create(CultureInfo.InvariantCulture, $"{window >> 10} KiB"), CauseKind.Compression)
            );
        }
        return fields;
    }
}

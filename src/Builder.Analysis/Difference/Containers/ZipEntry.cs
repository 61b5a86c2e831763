using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Builder.Analysis.Difference.Containers;

/// <summary>One entry of a zip archive's central directory (APPNOTE 4.3.12).</summary>
internal sealed class ZipEntry
{
    private readonly byte[] header;

    public ZipEntry(byte[] header, byte[] name, byte[] extra, byte[] comment)
    {
        this.header = header;
        Extra = extra;
        Name = Text(name);
        Comment = Text(comment);
        (PackedSize, Offset) = Zip64(extra, U32(24), U32(20), U32(42));
    }

    public string Name { get; }

    public string Comment { get; }

    public byte[] Extra { get; }

    public long PackedSize { get; }

    public long Offset { get; }

    public int MadeBy => U16(4);

    public int Flags => U16(8);

    public int Method => U16(10);

    public bool IsEncrypted => (Flags & 1) != 0;

    public uint Checksum => U32(16);

    public uint Attributes => U32(38);

    public bool IsUnix => MadeBy >> 8 == 3;

    public long UnixMode => Attributes >> 16;

    public bool IsSymbolicLink => IsUnix && (UnixMode & 0xF000) == 0xA000;

    public string Time => DosTime(U16(14), U16(12));

    public string MethodName =>
        Method switch
        {
            0 => "stored",
            8 => $"deflate {((Flags >> 1) & 3) switch { 0 => "normal", 1 => "maximum", 2 => "fast", _ => "fastest" }}",
            12 => "bzip2",
            14 => "lzma",
            93 => "zstd",
            95 => "xz",
            var other => $"method {other}",
        };

    /// <summary>Two seconds are the unit, and there is no zone.</summary>
    public static string DosTime(int date, int time) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{1980 + (date >> 9):d4}-{(date >> 5) & 15:d2}-{date & 31:d2} {time >> 11:d2}:{(time >> 5) & 63:d2}:{(time & 31) * 2:d2}"
        );

    private static (long Packed, long Offset) Zip64(ReadOnlySpan<byte> extra, uint size, uint packed, uint offset)
    {
        (long realPacked, long realOffset) = (packed, offset);
        foreach (var (id, at, length) in ZipExtra.Fields(extra.ToArray()))
        {
            if (id != 1)
                continue;
            var field = extra.Slice(at, length);
            if (size == uint.MaxValue)
                field = field.Length >= 8 ? field[8..] : default;
            if (packed == uint.MaxValue && field.Length >= 8)
            {
                realPacked = BinaryPrimitives.ReadInt64LittleEndian(field);
                field = field[8..];
            }
            if (offset == uint.MaxValue && field.Length >= 8)
                realOffset = BinaryPrimitives.ReadInt64LittleEndian(field);
        }
        if (realPacked < 0 || realOffset < 0)
            throw new InvalidDataException("the zip archive has a negative size or offset");
        return (realPacked, realOffset);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private int U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(offset));

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(offset));
}

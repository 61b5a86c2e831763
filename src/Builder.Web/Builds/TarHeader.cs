using System.Buffers.Binary;
using System.Text;
using Builder.Protocol.Values;

namespace Builder.Web.Builds;

/// <summary>
/// What stands before a file in a tar archive, as GNU tar writes it. Names of artifacts are bytes; the platform's own writer knows
/// text only, and would give two names that are not UTF-8 the same one.
/// </summary>
internal static class TarHeader
{
    private const int Block = 512;
    private const int MaxNameLength = 100;
    private const byte RegularFile = (byte)'0';
    private const byte LongName = (byte)'L';

    /// <summary>Two empty blocks end an archive.</summary>
    public static byte[] End { get; } = new byte[2 * Block];

    public static byte[] Of(ByteString path, long size, long secondsSinceEpoch, int mode)
    {
        if (path.Length <= MaxNameLength)
            return Header(path.Span, size, secondsSinceEpoch, mode, RegularFile);
        // The name comes before as the content of an entry of its own; who does not know those sees its beginning.
        var length = path.Length + 1;
        return
        [
            .. Header("././@LongLink"u8, length, 0, 0, LongName),
            .. path.Span,
            0,
            .. Padding(length),
            .. Header(path.Span[..MaxNameLength], size, secondsSinceEpoch, mode, RegularFile),
        ];
    }

    /// <summary>Fills the last block of a file of this size.</summary>
    public static byte[] Padding(long size) => new byte[(Block - (size % Block)) % Block];

    private static byte[] Header(ReadOnlySpan<byte> name, long size, long secondsSinceEpoch, int mode, byte type)
    {
        var header = new byte[Block];
        name.CopyTo(header);
        Octal(header.AsSpan(100, 8), mode);
        Octal(header.AsSpan(108, 8), 0);
        Octal(header.AsSpan(116, 8), 0);
        Size(header.AsSpan(124, 12), size);
        Octal(header.AsSpan(136, 12), secondsSinceEpoch);
        header[156] = type;
        "ustar  "u8.CopyTo(header.AsSpan(257));
        // The sum is made as if spaces stood in its place.
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var octet in header)
            sum += octet;
        Octal(header.AsSpan(148, 7), sum);
        return header;
    }

    /// <summary>Eleven octal digits reach to 8 GiB; what is larger is written in binary, marked by the first bit.</summary>
    private static void Size(Span<byte> field, long size)
    {
        if (size < 1L << 33)
        {
            Octal(field, size);
            return;
        }
        field[0] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(field[^8..], size);
    }

    /// <summary>Ends with a NUL.</summary>
    private static void Octal(Span<byte> field, long number) =>
        Encoding.ASCII.GetBytes(Convert.ToString(number, toBase: 8).PadLeft(field.Length - 1, '0'), field);
}

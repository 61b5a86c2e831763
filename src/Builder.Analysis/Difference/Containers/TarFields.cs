using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Builder.Analysis.Difference.Containers;

/// <summary>The raw fields of a tar header of 512 bytes (POSIX ustar and GNU).</summary>
internal static class TarFields
{
    public const int Length = 512;

    private const int SumOffset = 148;

    public static bool IsHeader(ReadOnlySpan<byte> block)
    {
        if (block.Length < Length || block[0] == 0 && !block.Slice(257, 5).SequenceEqual("ustar"u8))
            return false;
        var sum = 8 * ' ';
        var signed = sum;
        for (var i = 0; i < Length; i++)
        {
            if (i is >= SumOffset and < SumOffset + 8)
                continue;
            sum += block[i];
            signed += (sbyte)block[i];
        }
        return Number(block.Slice(SumOffset, 8)) is { } stored && (stored == sum || stored == signed);
    }

    public static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    public static bool IsUstar(ReadOnlySpan<byte> header) => header.Slice(257, 6).SequenceEqual("ustar\0"u8);

    public static string Format(ReadOnlySpan<byte> header) =>
        IsUstar(header) ? "ustar"
        : header.Slice(257, 6).SequenceEqual("ustar "u8) ? "GNU"
        : "v7";

    /// <summary>Octal, or GNU's base 256; null where it is neither.</summary>
    public static long? Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            // Negative numbers have 0xff first.
            return field.Length >= 9 ? BinaryPrimitives.ReadInt64BigEndian(field[^8..]) : null;
        }
        field = field.Trim(" \0"u8);
        long value = 0;
        foreach (var digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'7' || value > long.MaxValue >> 4)
                return null;
            value = (value << 3) | (long)(digit - (byte)'0');
        }
        return value;
    }

    public static string Shown(ReadOnlySpan<byte> field) => Number(field)?.ToString(CultureInfo.InvariantCulture) ?? Text(field);
}

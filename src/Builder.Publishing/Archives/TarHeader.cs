using System.Buffers.Binary;
using System.Text;

namespace Builder.Publishing.Archives;

/// <summary>The fields of a tar header of 512 bytes (POSIX ustar and GNU).</summary>
internal static class TarHeader
{
    private const int SumOffset = 148;

    public static string Name(ReadOnlySpan<byte> header)
    {
        var name = TarRewriter.Text(header[..100]);
        var isUstar = header.Slice(257, 6).SequenceEqual("ustar\0"u8);
        var prefix = isUstar ? TarRewriter.Text(header.Slice(345, 155)) : "";
        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    public static string LinkName(ReadOnlySpan<byte> header) => TarRewriter.Text(header.Slice(157, 100));

    public static long Size(ReadOnlySpan<byte> header, string what)
    {
        var field = header.Slice(124, 12);
        if (field[0] == 0x80)
            return !field[1..4].ContainsAnyExcept((byte)0) && BinaryPrimitives.ReadInt64BigEndian(field[4..]) is >= 0 and var large
                ? large
                : throw new PackageException($"{what} has an entry whose size is negative or too large");
        return Octal(field) ?? throw new PackageException($"{what} has an entry whose size is not a number");
    }

    public static void SetSize(Span<byte> header, int size)
    {
        WriteOctal(header.Slice(124, 11), size);
        header[135] = 0;
        WriteOctal(header.Slice(SumOffset, 6), Sum(header));
        header[SumOffset + 6] = 0;
        header[SumOffset + 7] = (byte)' ';
    }

    public static void CheckSum(ReadOnlySpan<byte> header, string what)
    {
        if (Octal(header.Slice(SumOffset, 8)) != Sum(header))
            throw new PackageException($"{what} is not a tar archive, or damaged: the sum of a header is wrong");
    }

    private static int Sum(ReadOnlySpan<byte> header)
    {
        var sum = 8 * ' ';
        for (var i = 0; i < header.Length; i++)
            sum += i is >= SumOffset and < SumOffset + 8 ? 0 : header[i];
        return sum;
    }

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        field = field.Trim(" \0"u8);
        long value = 0;
        foreach (var digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;
            value = (value << 3) | (long)(digit - (byte)'0');
        }
        return value;
    }

    private static void WriteOctal(Span<byte> field, int value) =>
        Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(field.Length, '0')).CopyTo(field);
}

using System.Numerics;

namespace Builder.Storage.Search;

/// <summary>The bytes of a console as they are searched: ASCII letters are small ones, everything else is as it is.</summary>
internal static class ConsoleBytes
{
    public static void ToLower(Span<byte> bytes)
    {
        var (first, span, bit) = (new Vector<byte>((byte)'A'), new Vector<byte>((byte)('Z' - 'A')), new Vector<byte>(0x20));
        var index = 0;
        for (; index <= bytes.Length - Vector<byte>.Count; index += Vector<byte>.Count)
        {
            var part = new Vector<byte>(bytes[index..]);
            var isCapital = Vector.LessThanOrEqual(part - first, span);
            (part | (isCapital & bit)).CopyTo(bytes[index..]);
        }
        for (; index < bytes.Length; index++)
        {
            if (bytes[index] is >= (byte)'A' and <= (byte)'Z')
                bytes[index] |= 0x20;
        }
    }

    /// <summary>How long the time in front of a line is, <c>12.345s:</c>; 0 for a line without: it goes on with the text of the one before.</summary>
    public static int TimeLength(ReadOnlySpan<byte> line)
    {
        var at = line.StartsWith("-"u8) ? 1 : 0;
        var digits = line[at..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits <= 0)
            return 0;
        at += digits;
        return
            line.Length >= at + 6
            && line[at] == '.'
            && line.Slice(at + 1, 3).IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            && line[at + 4] == 's'
            && line[at + 5] == ':'
            ? at + 6
            : 0;
    }
}

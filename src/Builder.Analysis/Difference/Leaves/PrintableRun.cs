using System.Text;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>The text around a range of bytes: a string in a binary file.</summary>
/// <param name="End">Offset of the byte after it.</param>
internal sealed record PrintableRun(string Text, long End)
{
    private const int MaxAround = 512;
    private const int MinLength = 4;

    /// <summary>Null where the range is not all printable, or too short to be text.</summary>
    public static PrintableRun? Around(Content content, long offset, long length)
    {
        if (length > MaxAround)
            return null;
        var start = Math.Max(0, offset - MaxAround);
        var bytes = content.Read(start, (int)(offset - start + length) + MaxAround);
        var (from, to) = ((int)(offset - start), (int)Math.Min(offset - start + length, bytes.Length));
        if (bytes.AsSpan(from, to - from).IndexOfAnyExceptInRange((byte)0x20, (byte)0x7e) >= 0)
            return null;
        while (from > 0 && IsPrintable(bytes[from - 1]))
            from--;
        while (to < bytes.Length && IsPrintable(bytes[to]))
            to++;
        return to - from < MinLength ? null : new PrintableRun(Encoding.ASCII.GetString(bytes, from, to - from), start + to);
    }

    public static string Ascii(byte[] bytes) =>
        string.Create(
            bytes.Length,
            bytes,
            (span, from) =>
            {
                for (var i = 0; i < from.Length; i++)
                    span[i] = IsPrintable(from[i]) ? (char)from[i] : '.';
            }
        );

    private static bool IsPrintable(byte value) => value is >= 0x20 and < 0x7f;
}

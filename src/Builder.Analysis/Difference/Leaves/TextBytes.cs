using System.Text;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>Which contents are text, and their text as UTF-8.</summary>
internal static class TextBytes
{
    private static readonly UTF8Encoding Strict = new(false, true);

    public static bool LooksLikeText(Content content)
    {
        var start = content.Start;
        if (start.IsEmpty)
            return true;
        if (IsUtf16(start))
            return true;
        var odd = 0;
        foreach (var value in start)
        {
            if (value == 0)
                return false;
            if (value < 0x20 && value is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0c or 0x1b or 0x08))
                odd++;
        }
        if (odd > 0)
            return false;
        return IsUtf8(start) || Latin(start);
    }

    /// <summary>UTF-16 and what is not UTF-8 (taken for Latin-1) as UTF-8; null where there are NUL bytes further on.</summary>
    public static byte[]? ToUtf8(byte[] bytes)
    {
        if (IsUtf16(bytes))
            return Encoding.UTF8.GetBytes(
                (bytes[0] == 0xff ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(bytes, 2, bytes.Length - 2)
            );
        if (bytes.AsSpan().Contains((byte)0))
            return null;
        try
        {
            _ = Strict.GetCharCount(bytes);
            return bytes;
        }
        catch (DecoderFallbackException)
        {
            return Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(bytes));
        }
    }

    private static bool IsUtf16(ReadOnlySpan<byte> start) =>
        start.Length >= 4 && start is [0xff, 0xfe, ..] or [0xfe, 0xff, ..] && start.Length % 2 == 0;

    // The last character may be cut.
    private static bool IsUtf8(ReadOnlySpan<byte> start)
    {
        while (!start.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(start, out _, out var length);
            if (status == System.Buffers.OperationStatus.NeedMoreData)
                return true;
            if (status != System.Buffers.OperationStatus.Done)
                return false;
            start = start[length..];
        }
        return true;
    }

    // Text in an eight-bit encoding: mostly ASCII, and no control characters of the upper half.
    private static bool Latin(ReadOnlySpan<byte> start)
    {
        var upper = 0;
        foreach (var value in start)
        {
            if (value is >= 0x80 and < 0xa0)
                return false;
            upper += value >= 0xa0 ? 1 : 0;
        }
        return upper * 3 < start.Length;
    }
}

namespace Builder.Analysis.Opam;

/// <summary>
/// Order of opam package versions, which is Debian's without epochs: <c>~</c> sorts before the end of the text, the end before letters,
/// letters before all else; runs of digits compare by number; what follows the last dash decides last.
/// </summary>
public static class PackageVersion
{
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var (leftDash, rightDash) = (left.LastIndexOf((byte)'-'), right.LastIndexOf((byte)'-'));
        var upstream = CompareParts(leftDash < 0 ? left : left[..leftDash], rightDash < 0 ? right : right[..rightDash]);
        return upstream != 0
            ? upstream
            : CompareParts(leftDash < 0 ? [] : left[(leftDash + 1)..], rightDash < 0 ? [] : right[(rightDash + 1)..]);
    }

    private static int CompareParts(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        while (!left.IsEmpty || !right.IsEmpty)
        {
            var text = CompareText(ref left, ref right);
            if (text != 0)
                return text;
            var number = CompareNumber(ref left, ref right);
            if (number != 0)
                return number;
        }
        return 0;
    }

    private static int CompareText(ref ReadOnlySpan<byte> left, ref ReadOnlySpan<byte> right)
    {
        while (true)
        {
            var (leftRank, rightRank) = (Rank(left), Rank(right));
            if (leftRank != rightRank)
                return leftRank < rightRank ? -1 : 1;
            if (leftRank == EndOfText)
                return 0;
            left = left[1..];
            right = right[1..];
        }
    }

    private static int CompareNumber(ref ReadOnlySpan<byte> left, ref ReadOnlySpan<byte> right)
    {
        var leftDigits = TakeNumber(ref left);
        var rightDigits = TakeNumber(ref right);
        return leftDigits.Length != rightDigits.Length
            ? leftDigits.Length.CompareTo(rightDigits.Length)
            : Math.Sign(leftDigits.SequenceCompareTo(rightDigits));
    }

    private static ReadOnlySpan<byte> TakeNumber(ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits.TrimStart((byte)'0');
    }

    private const int EndOfText = 0;

    private static int Rank(ReadOnlySpan<byte> text) =>
        text switch
        {
            [] or [>= (byte)'0' and <= (byte)'9', ..] => EndOfText,
            [(byte)'~', ..] => -1,
            [var c and ((>= (byte)'A' and <= (byte)'Z') or (>= (byte)'a' and <= (byte)'z')), ..] => c,
            [var c, ..] => 256 + c,
        };
}

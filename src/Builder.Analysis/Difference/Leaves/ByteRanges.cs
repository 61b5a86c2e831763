namespace Builder.Analysis.Difference.Leaves;

/// <summary>Finds the ranges of two contents that differ, reading both once from the front with a window of bounded size.</summary>
internal sealed class ByteRanges
{
    /// <summary>So many equal bytes end a range: two that are nearer are one.</summary>
    private const int MinEqual = 8;

    /// <summary>How far an insertion may shift what follows it.</summary>
    private const int Window = 1 << 16;

    /// <summary>So many bytes must be equal for the sides to be aligned again at another distance.</summary>
    private const int Anchor = 16;

    // To align is dear: files that differ everywhere are given up early.
    private const int MaxTries = 4;

    private ByteRanges(List<ByteRange> ranges, bool isCut) => (Ranges, IsCut) = (ranges, isCut);

    public List<ByteRange> Ranges { get; }

    public bool IsCut { get; }

    public static ByteRanges Find(Content left, Content right, long start, int max, CancellationToken cancellationToken)
    {
        var ranges = new List<ByteRange>();
        var (a, b) = (start, start);
        for (var tries = 0; ; tries++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var equal = CommonLength(left, a, right, b, cancellationToken);
            (a, b) = (a + equal, b + equal);
            if (a == left.Length && b == right.Length)
                return new ByteRanges(ranges, false);
            if (ranges.Count == max || tries == max * MaxTries)
                return new ByteRanges(ranges, true);
            var range = Align(left, a, right, b);
            // Two that touch are one that is longer than the window.
            if (equal == 0 && ranges.Count > 0)
                ranges[^1] = ranges[^1] with
                {
                    LeftLength = ranges[^1].LeftLength + range.LeftLength,
                    RightLength = ranges[^1].RightLength + range.RightLength,
                };
            else
                ranges.Add(range);
            (a, b) = (a + range.LeftLength, b + range.RightLength);
        }
    }

    private static long CommonLength(Content left, long a, Content right, long b, CancellationToken cancellationToken)
    {
        var total = Math.Min(left.Length - a, right.Length - b);
        byte[] x = [],
            y = [];
        var block = 256;
        for (long done = 0; done < total; block = Math.Min(block * 4, Window))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(block, total - done);
            if (x.Length < count)
                (x, y) = (new byte[count], new byte[count]);
            left.Bytes.Read(a + done, x.AsSpan(0, count));
            right.Bytes.Read(b + done, y.AsSpan(0, count));
            var equal = x.AsSpan(0, count).CommonPrefixLength(y.AsSpan(0, count));
            done += equal;
            if (equal < count)
                return done;
        }
        return total;
    }

    // The nearest place where both go on equally: first at the same distance, then by an anchor of bytes found on the other side.
    private static ByteRange Align(Content left, long a, Content right, long b)
    {
        var (x, y) = (left.Read(a, Window), right.Read(b, Window));
        var limit = Math.Min(x.Length, y.Length);
        if (left.Length - a == right.Length - b)
            return new ByteRange(a, SameDistance(x, y, limit), b, SameDistance(x, y, limit));

        var same = SameDistance(x, y, limit);
        if (Shift(x, y) is var (skipLeft, skipRight) && Math.Max(skipLeft, skipRight) < same)
            return new ByteRange(a, skipLeft, b, skipRight);
        return same < limit ? new ByteRange(a, same, b, same) : new ByteRange(a, left.Length - a, b, right.Length - b);
    }

    private static int SameDistance(byte[] x, byte[] y, int limit)
    {
        var equal = 0;
        for (var i = 0; i < limit; i++)
        {
            equal = x[i] == y[i] ? equal + 1 : 0;
            if (equal == MinEqual)
                return i + 1 - MinEqual;
        }
        return limit - equal;
    }

    private static (int Left, int Right)? Shift(byte[] x, byte[] y)
    {
        (int Left, int Right)? best = null;
        for (var skip = 0; skip <= 4096 && skip + Anchor <= Math.Min(x.Length, y.Length); skip = skip < 64 ? skip + 1 : skip + Anchor)
        {
            if (best is var (bestLeft, bestRight) && skip >= Math.Max(bestLeft, bestRight))
                break;
            if (y.AsSpan().IndexOf(x.AsSpan(skip, Anchor)) is >= 0 and var inRight && IsBetter(skip, inRight, best))
                best = (skip, inRight);
            if (x.AsSpan().IndexOf(y.AsSpan(skip, Anchor)) is >= 0 and var inLeft && IsBetter(inLeft, skip, best))
                best = (inLeft, skip);
        }
        return best;
    }

    private static bool IsBetter(int left, int right, (int Left, int Right)? best) =>
        left + right > 0 && (best is not { } known || left + right < known.Left + known.Right);
}

namespace Builder.Analysis.Comparison;

/// <summary>
/// Which lines two texts do not share: the shortest edit script by divide and conquer (Myers 1986), over lines numbered by content.
/// The work is bounded; ranges that are left when it is used up count as replaced as a whole.
/// </summary>
internal sealed class LineMatcher
{
    /// <summary>Steps of the search: a fraction of a second. Real opam files need some thousands.</summary>
    private const long MaxWork = 20_000_000;

    private readonly int[] left;
    private readonly int[] right;
    private readonly int[] forward;
    private readonly int[] backward;
    private readonly int offset;
    private readonly Action<int> removed;
    private readonly Action<int> added;
    private long work;

    private LineMatcher(int[] left, int[] right, Action<int> removed, Action<int> added)
    {
        this.left = left;
        this.right = right;
        this.removed = removed;
        this.added = added;
        offset = right.Length + 1;
        forward = new int[left.Length + right.Length + 3];
        backward = new int[left.Length + right.Length + 3];
    }

    public static void Match(int[] left, int[] right, Action<int> removed, Action<int> added) =>
        new LineMatcher(left, right, removed, added).Compare(0, left.Length, 0, right.Length);

    private void Compare(int leftFrom, int leftTo, int rightFrom, int rightTo)
    {
        while (leftFrom < leftTo && rightFrom < rightTo && left[leftFrom] == right[rightFrom])
            (leftFrom, rightFrom) = (leftFrom + 1, rightFrom + 1);
        while (leftFrom < leftTo && rightFrom < rightTo && left[leftTo - 1] == right[rightTo - 1])
            (leftTo, rightTo) = (leftTo - 1, rightTo - 1);

        if (leftFrom == leftTo || rightFrom == rightTo || FindMiddle(leftFrom, leftTo, rightFrom, rightTo) is not { } middle)
        {
            for (var line = leftFrom; line < leftTo; line++)
                removed(line);
            for (var line = rightFrom; line < rightTo; line++)
                added(line);
            return;
        }
        Compare(leftFrom, middle.Left, rightFrom, middle.Right);
        Compare(middle.Left, leftTo, middle.Right, rightTo);
    }

    // Diagonal d holds the points with left - right = d. Both searches go one edit further in turn until they meet.
    private (int Left, int Right)? FindMiddle(int leftFrom, int leftTo, int rightFrom, int rightTo)
    {
        var (lowest, highest) = (leftFrom - rightTo, leftTo - rightFrom);
        var (forwardStart, backwardStart) = (leftFrom - rightFrom, leftTo - rightTo);
        var (forwardLow, forwardHigh, backwardLow, backwardHigh) = (forwardStart, forwardStart, backwardStart, backwardStart);
        var isOdd = ((forwardStart - backwardStart) & 1) != 0;
        forward[offset + forwardStart] = leftFrom;
        backward[offset + backwardStart] = leftTo;

        while (work < MaxWork)
        {
            if (forwardLow > lowest)
                forward[offset + --forwardLow - 1] = -1;
            else
                forwardLow++;
            if (forwardHigh < highest)
                forward[offset + ++forwardHigh + 1] = -1;
            else
                forwardHigh--;
            for (var d = forwardHigh; d >= forwardLow; d -= 2)
            {
                var (below, above) = (forward[offset + d - 1], forward[offset + d + 1]);
                var x = below < above ? above : below + 1;
                while (x < leftTo && x - d < rightTo && left[x] == right[x - d])
                    (x, work) = (x + 1, work + 1);
                forward[offset + d] = x;
                work++;
                if (isOdd && backwardLow <= d && d <= backwardHigh && backward[offset + d] <= x)
                    return (x, x - d);
            }

            if (backwardLow > lowest)
                backward[offset + --backwardLow - 1] = int.MaxValue;
            else
                backwardLow++;
            if (backwardHigh < highest)
                backward[offset + ++backwardHigh + 1] = int.MaxValue;
            else
                backwardHigh--;
            for (var d = backwardHigh; d >= backwardLow; d -= 2)
            {
                var (below, above) = (backward[offset + d - 1], backward[offset + d + 1]);
                var x = below < above ? below : above - 1;
                while (leftFrom < x && rightFrom < x - d && left[x - 1] == right[x - d - 1])
                    (x, work) = (x - 1, work + 1);
                backward[offset + d] = x;
                work++;
                if (!isOdd && forwardLow <= d && d <= forwardHigh && x <= forward[offset + d])
                    return (x, x - d);
            }
        }
        return null;
    }
}

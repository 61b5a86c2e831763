using System.Runtime.InteropServices;

namespace Builder.Analysis.Comparison;

/// <summary>Two texts as lines, and which of them changed. The answer is that of <c>diff</c>, line for line.</summary>
internal sealed class LineDifference
{
    // Lines around the part that differs that take part in the search, so that its first and last change may shift.
    private const int Horizon = 3;

    private LineDifference(Side left, Side right)
    {
        Left = left;
        Right = right;
    }

    public Side Left { get; }

    public Side Right { get; }

    public static LineDifference Of(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right)
    {
        var numbers = new Dictionary<Opam.OpamText, int>();
        var difference = new LineDifference(new Side(Split(left), numbers), new Side(Split(right), numbers));
        difference.Search(numbers.Count);
        ShiftRuns(difference.Left, difference.Right);
        ShiftRuns(difference.Right, difference.Left);
        return difference;
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> text)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        while (!text.IsEmpty)
        {
            var end = text.Span.IndexOf((byte)'\n');
            lines.Add(end < 0 ? text : text[..end]);
            text = end < 0 ? default : text[(end + 1)..];
        }
        return lines;
    }

    private void Search(int distinctLines)
    {
        var (a, b) = (Left.Numbers, Right.Numbers);
        var prefix = a.AsSpan().CommonPrefixLength(b);
        var from = Math.Max(0, prefix - Horizon);
        var suffix = 0;
        while (suffix < Math.Min(a.Length, b.Length) - from && a[^(suffix + 1)] == b[^(suffix + 1)])
            suffix++;
        suffix = Math.Max(0, suffix - Horizon);

        (Left.From, Left.To) = (from, a.Length - suffix);
        (Right.From, Right.To) = (from, b.Length - suffix);
        var leftRange = a.AsSpan()[from..^suffix];
        var rightRange = b.AsSpan()[from..^suffix];
        var leftKept = Keep(Left, leftRange, from, Count(rightRange, distinctLines));
        var rightKept = Keep(Right, rightRange, from, Count(leftRange, distinctLines));
        LineMatcher.Match(
            Array.ConvertAll(leftKept, line => a[line]),
            Array.ConvertAll(rightKept, line => b[line]),
            removed: line => Left.Mark(leftKept[line], true),
            added: line => Right.Mark(rightKept[line], true)
        );
    }

    private static int[] Count(ReadOnlySpan<int> lines, int distinctLines)
    {
        var counts = new int[distinctLines];
        foreach (var line in lines)
            counts[line]++;
        return counts;
    }

    private static int[] Keep(Side side, ReadOnlySpan<int> lines, int from, int[] countsOnOtherSide)
    {
        var noise = LineNoise.Find(lines, countsOnOtherSide);
        var kept = new List<int>(lines.Length);
        for (var i = 0; i < noise.Length; i++)
        {
            if (noise[i])
                side.Mark(from + i, true);
            else
                kept.Add(from + i);
        }
        return [.. kept];
    }

    // Where a run of changed lines could as well stand higher or lower, it stands as low as it can, but beside a run of the other side
    // where there is one; runs that touch become one.
    private static void ShiftRuns(Side side, Side other)
    {
        var numbers = side.Numbers;
        var (end, otherLine) = (side.From, other.From);
        while (true)
        {
            while (end < side.To && !side.IsChanged(end))
            {
                while (other.IsChanged(otherLine++)) { }
                end++;
            }
            if (end == side.To)
                return;
            var start = end;
            while (side.IsChanged(++end)) { }
            while (other.IsChanged(otherLine))
                otherLine++;

            int length;
            int beside;
            do
            {
                length = end - start;
                while (start > side.From && numbers[start - 1] == numbers[end - 1])
                {
                    side.Mark(--start, true);
                    side.Mark(--end, false);
                    while (side.IsChanged(start - 1))
                        start--;
                    while (other.IsChanged(--otherLine)) { }
                }
                beside = other.IsChanged(otherLine - 1) ? end : side.To;
                while (end < side.To && numbers[start] == numbers[end])
                {
                    side.Mark(start++, false);
                    side.Mark(end++, true);
                    while (side.IsChanged(end))
                        end++;
                    while (other.IsChanged(++otherLine))
                        beside = end;
                }
            } while (length != end - start);

            while (beside < end)
            {
                side.Mark(--start, true);
                side.Mark(--end, false);
                while (other.IsChanged(--otherLine)) { }
            }
        }
    }

    /// <summary>The lines of one text; lines of equal content have equal numbers on both sides.</summary>
    internal sealed class Side
    {
        // One more at each end, never changed, so that a run always ends.
        private readonly bool[] changed;

        public Side(List<ReadOnlyMemory<byte>> lines, Dictionary<Opam.OpamText, int> numbers)
        {
            Lines = lines;
            changed = new bool[lines.Count + 2];
            Numbers = new int[lines.Count];
            for (var i = 0; i < lines.Count; i++)
            {
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, new Opam.OpamText(lines[i]), out var isKnown);
                if (!isKnown)
                    number = numbers.Count - 1;
                Numbers[i] = number;
            }
        }

        public List<ReadOnlyMemory<byte>> Lines { get; }

        public int[] Numbers { get; }

        /// <summary>Changes lie between here…</summary>
        public int From { get; set; }

        /// <summary>…and here.</summary>
        public int To { get; set; }

        public bool IsChanged(int line) => changed[line + 1];

        public void Mark(int line, bool isChanged) => changed[line + 1] = isChanged;
    }
}

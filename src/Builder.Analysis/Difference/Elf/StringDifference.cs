using System.Text;

namespace Builder.Analysis.Difference.Elf;

/// <summary>The printable texts that two sections do not share.</summary>
internal sealed class StringDifference
{
    private const int MinLength = 8;
    private const int MaxLength = 4096;
    private const int MaxStrings = 1000;

    /// <summary>How far a text may have moved among those that differ.</summary>
    private const int Window = 12;

    public List<StringChange> Changes { get; } = [];

    /// <summary>Both sides have the same texts, in another order.</summary>
    public bool IsReordered { get; private set; }

    /// <summary>How many more there are than <see cref="Changes"/> tells.</summary>
    public int Cut { get; private set; }

    /// <param name="pathsOnly">Of binary sections, where other runs of printable bytes are chance.</param>
    public static StringDifference Of(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, bool pathsOnly)
    {
        var difference = new StringDifference();
        var (leftHashes, leftOrder) = HashesOf(left, pathsOnly);
        var (rightHashes, rightOrder) = HashesOf(right, pathsOnly);
        var lefts = difference.OnlyIn(left, rightHashes, pathsOnly);
        var rights = difference.OnlyIn(right, leftHashes, pathsOnly);
        difference.IsReordered = lefts.Count == 0 && rights.Count == 0 && leftHashes.Count == rightHashes.Count && leftOrder != rightOrder;
        difference.Pair(lefts, rights);
        return difference;
    }

    private static (HashSet<ulong> Set, ulong Order) HashesOf(ReadOnlySpan<byte> bytes, bool pathsOnly)
    {
        var set = new HashSet<ulong>();
        ulong order = 0;
        for (var at = 0; TryNext(bytes, ref at, pathsOnly, out var start, out var length); )
        {
            var hash = Fingerprint.Of(bytes.Slice(start, length));
            set.Add(hash);
            order = (order ^ hash) * 0x9E3779B97F4A7C15UL;
        }
        return (set, order);
    }

    private List<(string Text, int Offset)> OnlyIn(ReadOnlySpan<byte> bytes, HashSet<ulong> others, bool pathsOnly)
    {
        var only = new List<(string, int)>();
        for (var at = 0; TryNext(bytes, ref at, pathsOnly, out var start, out var length); )
        {
            var run = bytes.Slice(start, length);
            if (others.Contains(Fingerprint.Of(run)))
                continue;
            if (only.Count < MaxStrings)
                only.Add((Encoding.Latin1.GetString(run), start));
            else
                Cut++;
        }
        return only;
    }

    private static bool TryNext(ReadOnlySpan<byte> bytes, ref int at, bool pathsOnly, out int start, out int length)
    {
        while (at < bytes.Length)
        {
            var skip = bytes[at..].IndexOfAnyInRange((byte)0x20, (byte)0x7E);
            if (skip < 0)
                break;
            start = at + skip;
            length = bytes[start..].IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E);
            if (length < 0)
                length = bytes.Length - start;
            at = start + length;
            // What no NUL ends is not a text but printable by chance.
            if (!pathsOnly && at < bytes.Length && bytes[at] is not (0 or (byte)'\n'))
                continue;
            length = Math.Min(length, MaxLength);
            if (pathsOnly && bytes.Slice(start, length).IndexOf((byte)'/') is var slash)
            {
                if (slash < 0)
                    continue;
                (start, length) = (start + slash, length - slash);
            }
            if (length >= MinLength)
                return true;
        }
        (start, length) = (0, 0);
        return false;
    }

    private void Pair(List<(string Text, int Offset)> lefts, List<(string Text, int Offset)> rights)
    {
        var used = new bool[rights.Count];
        var next = 0;
        for (var i = 0; i < lefts.Count; i++)
        {
            var best = -1;
            var bestLikeness = lefts.Count == rights.Count ? 0.0 : 0.4;
            for (var j = Math.Max(0, next - Window); j < Math.Min(rights.Count, next + Window); j++)
            {
                var likeness = used[j] ? 0 : Likeness(lefts[i].Text, rights[j].Text) + (j == next ? 0.001 : 0);
                if (likeness > bestLikeness)
                    (best, bestLikeness) = (j, likeness);
            }
            if (best < 0)
            {
                Changes.Add(new StringChange(lefts[i].Text, null, lefts[i].Offset));
                continue;
            }
            used[best] = true;
            next = best + 1;
            if (!IsSameButForStart(lefts[i].Text, rights[best].Text))
                Changes.Add(new StringChange(lefts[i].Text, rights[best].Text, lefts[i].Offset));
        }
        for (var j = 0; j < rights.Count; j++)
        {
            if (!used[j])
                Changes.Add(new StringChange(null, rights[j].Text, -1));
        }
    }

    // A number before a text may end in bytes that are printable by chance.
    private static bool IsSameButForStart(string left, string right) =>
        Math.Abs(left.Length - right.Length) < 8
        && Math.Min(left.Length, right.Length) >= MinLength
        && (left.EndsWith(right, StringComparison.Ordinal) || right.EndsWith(left, StringComparison.Ordinal));

    /// <summary>The share that both have in common at the start and at the end.</summary>
    private static double Likeness(string left, string right)
    {
        var prefix = left.AsSpan().CommonPrefixLength(right);
        var (shorter, longer) = (Math.Min(left.Length, right.Length), Math.Max(left.Length, right.Length));
        var suffix = 0;
        while (suffix < shorter - prefix && left[^(suffix + 1)] == right[^(suffix + 1)])
            suffix++;
        return (double)(prefix + suffix) / longer;
    }
}

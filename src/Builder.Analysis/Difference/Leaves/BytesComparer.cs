using System.Globalization;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>Anything: the ranges that differ, as hex and printable, aligned again after insertions.</summary>
internal sealed class BytesComparer : IContentComparer
{
    private const int MaxRanges = 64;
    private const int MaxShown = 32;

    public bool Takes(Content left, Content right) => true;

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        var node = new DifferenceNode(pair.Path, "bytes");
        AddRanges(node, pair, 0, context);
        return ValueTask.FromResult(node);
    }

    /// <summary>Adds the ranges from <paramref name="start"/> on, for leaves whose header is read in another way.</summary>
    public static void AddRanges(DifferenceNode node, ContentPair pair, long start, DifferenceContext context)
    {
        var ranges = ByteRanges.Find(pair.Left, pair.Right, start, MaxRanges, context.CancellationToken);
        var causes = new LineCauses(context.Causes);
        long seen = -1;
        foreach (var range in ranges.Ranges)
        {
            var (left, right) = (
                pair.Left.Read(range.Left, Shown(range.LeftLength)),
                pair.Right.Read(range.Right, Shown(range.RightLength))
            );
            var place = string.Create(CultureInfo.InvariantCulture, $"offset 0x{range.Left:x}");
            node.Changes.Add(new Change(ChangeType.Bytes, place, Describe(left, range.LeftLength), Describe(right, range.RightLength)));
            if (range.Left < seen)
                continue;
            var text = PrintableRun.Around(pair.Left, range.Left, range.LeftLength);
            var other = PrintableRun.Around(pair.Right, range.Right, range.RightLength);
            if (text is not null && other is not null)
            {
                causes.Add(place, text.Text, other.Text, context.Causes.FindAll(text.Text, other.Text));
                seen = text.End;
                continue;
            }
            var kinds =
                BinaryTime.IsPair(pair.Left, range.Left, pair.Right, range.Right, range.LeftLength, range.RightLength, context.Options)
                    ? CauseKind.Timestamp
                : BinaryTime.IsRandom(left, right, range.LeftLength, range.RightLength) ? CauseKind.Random
                : CauseKind.Content;
            causes.Add(place, Describe(left, range.LeftLength), Describe(right, range.RightLength), [kinds]);
        }
        causes.AddTo(node, pair);
        if (ranges.IsCut)
            node.Notices.Add($"only the first {MaxRanges} ranges of bytes are shown");
    }

    private static int Shown(long length) => (int)Math.Min(length, MaxShown);

    private static string Describe(byte[] shown, long length)
    {
        if (length == 0)
            return "nothing";
        var more = length > shown.Length ? string.Create(CultureInfo.InvariantCulture, $" … ({length} bytes)") : "";
        return $"{Convert.ToHexStringLower(shown)}{more} \"{PrintableRun.Ascii(shown)}\"";
    }
}

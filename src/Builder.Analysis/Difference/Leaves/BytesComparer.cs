using System.Globalization;
using System.Text;
using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>Anything: the ranges that differ, as hex and printable, aligned again after insertions.</summary>
internal sealed class BytesComparer : IContentComparer
{
    private const int MaxRanges = 16;
    private const int MaxShown = 32;

    public bool Takes(Content left, Content right) => true;

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        var node = new DifferenceNode(pair.Path, "bytes");
        var ranges = ByteRanges.Find(pair.Left, pair.Right, MaxRanges, context.CancellationToken);
        foreach (var range in ranges.Ranges)
        {
            var (left, right) = (pair.Left.Read(range.Left, Shown(range.LeftLength)), pair.Right.Read(range.Right, Shown(range.RightLength)));
            var place = string.Create(CultureInfo.InvariantCulture, $"offset 0x{range.Left:x}");
            node.Changes.Add(new Change(ChangeType.Bytes, place, Describe(left, range.LeftLength), Describe(right, range.RightLength)));
            var kind = context.Causes.Find(Printable(left), Printable(right));
            node.Causes.Add(context.Causes.Create(kind, pair.PlaceOf(place), Describe(left, range.LeftLength), Describe(right, range.RightLength)));
        }
        if (ranges.IsCut)
            node.Notices.Add($"only the first {MaxRanges} ranges of bytes are shown");
        return ValueTask.FromResult(node);
    }

    private static int Shown(long length) => (int)Math.Min(length, MaxShown);

    private static string Printable(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static string Describe(byte[] shown, long length)
    {
        if (length == 0)
            return "nothing";
        var more = length > shown.Length ? string.Create(CultureInfo.InvariantCulture, $" … ({length} bytes)") : "";
        return $"{Convert.ToHexStringLower(shown)}{more} \"{CauseFinder.Shown(AsciiOf(shown))}\"";
    }

    private static string AsciiOf(byte[] bytes) => string.Create(bytes.Length, bytes, (span, from) =>
    {
        for (var i = 0; i < from.Length; i++)
            span[i] = from[i] is >= 0x20 and < 0x7f ? (char)from[i] : '.';
    });
}

using System.Globalization;
using System.Text;
using Builder.Analysis.Comparison;
using Builder.Analysis.Difference.Causes;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>Text by lines: the same lines in another order, or the lines that differ, matched with each other.</summary>
internal sealed class TextComparer : IContentComparer
{
    private const int MaxPairs = 40;
    private const int MaxLines = 200_000;
    private const int MaxDiff = 200;

    public bool Takes(Content left, Content right) => TextBytes.LooksLikeText(left) && TextBytes.LooksLikeText(right);

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        var (left, right) = (
            TextBytes.ToUtf8(pair.Left.ReadAll(context.Limits.MaxLeaf)),
            TextBytes.ToUtf8(pair.Right.ReadAll(context.Limits.MaxLeaf))
        );
        if (left is null || right is null || Lines(left) > MaxLines || Lines(right) > MaxLines)
            throw new InvalidDataException("not compared as text: it has NUL bytes or too many lines");
        var node = new DifferenceNode(pair.Path, "text");
        if (left.AsSpan().SequenceEqual(right))
            AddWhole(node, pair, context, "encoding", "same text in another encoding");
        else if (LineOrder.IsSame(left, right, out var leftLines, out var rightLines))
            AddOrder(node, pair, context, leftLines, rightLines);
        else if (WithoutReturns(left).AsSpan().SequenceEqual(WithoutReturns(right)))
            AddWhole(node, pair, context, "line endings", "same lines, other line endings");
        else
            AddLines(node, pair, context, left, right);
        return ValueTask.FromResult(node);
    }

    /// <summary>What a text comparison adds to a node, for leaves that are text of another kind too.</summary>
    public static void AddLines(DifferenceNode node, ContentPair pair, DifferenceContext context, byte[] left, byte[] right)
    {
        var causes = new LineCauses(context.Causes);
        var count = 0;
        foreach (var change in LinePairs.Of(LineDifference.Of(left, right)))
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            count++;
            if (count > MaxPairs * 25)
                continue;
            var follows = false;
            if (change.Left is not null && change.Right is not null)
                follows = causes.Add(change.Line, change.Left, change.Right);
            else
                causes.Add(
                    string.Create(CultureInfo.InvariantCulture, $"line {change.Line}"),
                    change.Left ?? "",
                    change.Right ?? "",
                    [CauseKind.Content]
                );
            if (count <= MaxPairs)
                node.Changes.Add(
                    new Change(
                        ChangeType.Lines,
                        string.Create(CultureInfo.InvariantCulture, $"line {change.Line}"),
                        Shown(change.Left),
                        Shown(change.Right)
                    )
                    {
                        Follows = follows,
                    }
                );
        }
        if (count > MaxPairs)
            node.Notices.Add(string.Create(CultureInfo.InvariantCulture, $"{count} lines differ, the first {MaxPairs} are shown"));
        if (left.Length + right.Length < 1 << 20)
            node.Changes.Add(
                new Change(ChangeType.Lines, "lines", null, null) { Text = Cut(UnifiedDiff.Create(left, right, "left", "right")) }
            );
        causes.AddTo(node, pair);
    }

    private static void AddWhole(DifferenceNode node, ContentPair pair, DifferenceContext context, string place, string what)
    {
        node.Changes.Add(new Change(ChangeType.Field, place, what, what));
        node.Causes.Add(context.Causes.Create(CauseKind.Content, pair.PlaceOf(place), what, what));
    }

    private static void AddOrder(DifferenceNode node, ContentPair pair, DifferenceContext context, List<string> left, List<string> right)
    {
        var at = 0;
        while (at < left.Count - 1 && left[at] == right[at])
            at++;
        var (first, second) = (left[at], right[at]);
        node.Changes.Add(
            new Change(ChangeType.Order, "lines", Shown(first), Shown(second))
            {
                Text = $"the same {left.Count} lines in another order, from line {at + 1} on",
            }
        );
        node.Causes.Add(context.Causes.Create(CauseKind.Ordering, pair.PlaceOf("lines"), first, second));
        if (LocalePattern.IsCollation(left, right))
            node.Causes.Add(
                context.Causes.Create(
                    CauseKind.Locale,
                    pair.PlaceOf("lines"),
                    "sorted by one locale",
                    "sorted by another",
                    CauseStrength.Ordering - 1
                )
            );
    }

    private static int Lines(byte[] text) => text.AsSpan().Count((byte)'\n');

    private static byte[] WithoutReturns(byte[] text) => Array.FindAll(text, value => value != '\r');

    private static string? Shown(string? line) => line is null ? null : CauseFinder.Shown(line);

    private static string Cut(string diff)
    {
        var lines = diff.Split('\n');
        var text = new StringBuilder();
        foreach (var line in lines.Take(MaxDiff))
            text.Append(line.Length > 500 ? line[..500] : line).Append('\n');
        if (lines.Length > MaxDiff)
            text.Append(CultureInfo.InvariantCulture, $"… {lines.Length - MaxDiff} more lines\n");
        return text.ToString().TrimEnd('\n');
    }
}

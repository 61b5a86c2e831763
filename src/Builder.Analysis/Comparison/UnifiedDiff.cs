using System.Globalization;
using System.Text;

namespace Builder.Analysis.Comparison;

/// <summary>Unified diff of two texts of whole lines, as <c>diff -u</c> prints it, with three lines of context.</summary>
public static class UnifiedDiff
{
    private const int Context = 3;

    /// <summary>Empty where the texts are equal; without a last line feed. What is not UTF-8 shows as U+FFFD.</summary>
    public static string Create(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right, string leftLabel, string rightLabel)
    {
        var difference = LineDifference.Of(left, right);
        var changes = Changes(difference);
        if (changes.Count == 0)
            return "";
        var text = new StringBuilder();
        text.Append("--- ").Append(leftLabel).Append("\n+++ ").Append(rightLabel);
        for (var first = 0; first < changes.Count; )
        {
            var last = first;
            while (last + 1 < changes.Count && changes[last + 1].Left - changes[last].LeftEnd <= 2 * Context)
                last++;
            AppendHunk(text, difference, changes.GetRange(first, last + 1 - first));
            first = last + 1;
        }
        return text.ToString();
    }

    private static List<Change> Changes(LineDifference difference)
    {
        var changes = new List<Change>();
        var (left, right) = (0, 0);
        while (left < difference.Left.Lines.Count || right < difference.Right.Lines.Count)
        {
            var (leftStart, rightStart) = (left, right);
            while (difference.Left.IsChanged(left))
                left++;
            while (difference.Right.IsChanged(right))
                right++;
            if (left > leftStart || right > rightStart)
                changes.Add(new Change(leftStart, left, rightStart, right));
            (left, right) = (left + 1, right + 1);
        }
        return changes;
    }

    private static void AppendHunk(StringBuilder text, LineDifference difference, List<Change> changes)
    {
        var lines = difference.Left.Lines;
        var before = Math.Min(Context, changes[0].Left);
        var after = Math.Min(Context, lines.Count - changes[^1].LeftEnd);
        var (from, to) = (changes[0].Left - before, changes[^1].LeftEnd + after);
        text.Append("\n@@ -");
        AppendRange(text, from, to);
        text.Append(" +");
        AppendRange(text, changes[0].Right - before, changes[^1].RightEnd + after);
        text.Append(" @@");

        foreach (var change in changes)
        {
            AppendLines(text, ' ', lines, from, change.Left);
            AppendLines(text, '-', lines, change.Left, change.LeftEnd);
            AppendLines(text, '+', difference.Right.Lines, change.Right, change.RightEnd);
            from = change.LeftEnd;
        }
        AppendLines(text, ' ', lines, from, to);
    }

    // Lines count from 1; an empty range names the line before it.
    private static void AppendRange(StringBuilder text, int from, int to)
    {
        var length = to - from;
        text.Append(CultureInfo.InvariantCulture, $"{(length == 0 ? from : from + 1)}");
        if (length != 1)
            text.Append(CultureInfo.InvariantCulture, $",{length}");
    }

    private static void AppendLines(StringBuilder text, char sign, List<ReadOnlyMemory<byte>> lines, int from, int to)
    {
        for (var line = from; line < to; line++)
            text.Append('\n').Append(sign).Append(Encoding.UTF8.GetString(lines[line].Span));
    }

    private readonly record struct Change(int Left, int LeftEnd, int Right, int RightEnd);
}

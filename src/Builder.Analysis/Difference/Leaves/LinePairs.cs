using System.Text;
using Builder.Analysis.Comparison;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>The lines that differ, each with the line that took its place.</summary>
internal static class LinePairs
{
    /// <param name="Line">Counted from 1, on the left, or on the right where only that side has it.</param>
    internal readonly record struct Pair(int Line, string? Left, string? Right);

    public static IEnumerable<Pair> Of(LineDifference difference)
    {
        var (left, right) = (0, 0);
        while (left < difference.Left.Lines.Count || right < difference.Right.Lines.Count)
        {
            var (leftStart, rightStart) = (left, right);
            while (difference.Left.IsChanged(left))
                left++;
            while (difference.Right.IsChanged(right))
                right++;
            for (var i = 0; i < Math.Max(left - leftStart, right - rightStart); i++)
            {
                var (leftLine, rightLine) = (Text(difference.Left, leftStart + i, left), Text(difference.Right, rightStart + i, right));
                yield return new Pair((leftLine is null ? rightStart : leftStart) + i + 1, leftLine, rightLine);
            }
            (left, right) = (left + 1, right + 1);
        }
    }

    private static string? Text(LineDifference.Side side, int line, int end) =>
        line < end ? Encoding.UTF8.GetString(side.Lines[line].Span) : null;
}

using System.Text;

namespace Builder.Analysis.Difference.Leaves;

/// <summary>Whether two texts have the same lines in another order.</summary>
internal static class LineOrder
{
    public static bool IsSame(byte[] left, byte[] right, out List<string> leftLines, out List<string> rightLines)
    {
        (leftLines, rightLines) = ([], []);
        // A last line without its line feed moves too.
        if (Math.Abs(left.Length - right.Length) > 1)
            return false;
        (leftLines, rightLines) = (Split(left), Split(right));
        if (leftLines.Count != rightLines.Count)
            return false;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in leftLines)
            counts[line] = counts.GetValueOrDefault(line) + 1;
        foreach (var line in rightLines)
        {
            if (!counts.TryGetValue(line, out var count) || count == 0)
                return false;
            counts[line] = count - 1;
        }
        return !leftLines.SequenceEqual(rightLines);
    }

    private static List<string> Split(byte[] text)
    {
        var lines = Encoding.UTF8.GetString(text).Split('\n').ToList();
        if (lines[^1].Length == 0)
            lines.RemoveAt(lines.Count - 1);
        return lines;
    }
}

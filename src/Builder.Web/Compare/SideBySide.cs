using System.Collections.Immutable;

namespace Builder.Web.Compare;

/// <summary>A unified diff as rows of two columns.</summary>
internal static class SideBySide
{
    /// <param name="max">Rows; what is more is counted.</param>
    /// <returns>No rows where the text is not a diff.</returns>
    public static (ImmutableArray<SideRow> Rows, int More) Of(string text, int max)
    {
        var lines = text.Split('\n');
        if (!Array.Exists(lines, static line => line is ['-' or '+', ..]))
            return ([], 0);
        var rows = new List<SideRow>();
        var (removed, added) = (new List<string>(), new List<string>());
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index];
            if (index < 2 && (line.StartsWith("--- ", StringComparison.Ordinal) || line.StartsWith("+++ ", StringComparison.Ordinal)))
                continue;
            if (line is ['-', ..] && added.Count == 0)
            {
                removed.Add(line[1..]);
                continue;
            }
            if (line is ['+', ..])
            {
                added.Add(line[1..]);
                continue;
            }
            Flush();
            if (line is ['-', ..])
                removed.Add(line[1..]);
            else if (line is [' ', ..])
                rows.Add(new SideRow(line[1..], line[1..], IsSame: true));
            else if (line.Length > 0)
                rows.Add(new SideRow(Heading(line), null, IsSame: true));
        }
        Flush();
        return ([.. rows.Take(max)], Math.Max(0, rows.Count - max));

        void Flush()
        {
            for (var row = 0; row < Math.Max(removed.Count, added.Count); row++)
                rows.Add(new SideRow(row < removed.Count ? removed[row] : null, row < added.Count ? added[row] : null, IsSame: false));
            removed.Clear();
            added.Clear();
        }
    }

    // "@@ -12,3 +14,3 @@" to people is line 12.
    private static string Heading(string line)
    {
        if (!line.StartsWith("@@ -", StringComparison.Ordinal))
            return line;
        var number = line.AsSpan(4);
        var end = number.IndexOfAnyExceptInRange('0', '9');
        return end > 0 ? $"line {number[..end]}" : line;
    }
}

/// <param name="Left">Null where the left side has no such line.</param>
/// <param name="Right">Null where the right side has none; with <paramref name="IsSame"/> a heading over both columns.</param>
/// <param name="IsSame">Context, the same on both sides.</param>
internal readonly record struct SideRow(string? Left, string? Right, bool IsSame);

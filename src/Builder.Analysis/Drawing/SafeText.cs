using System.Buffers;
using System.Globalization;
using System.Text;

namespace Builder.Analysis.Drawing;

/// <summary>Names of strangers, made fit to be drawn: nothing in them can steer the page, the line, or the reader.</summary>
internal static class SafeText
{
    private const int MarksOnOneLetter = 2;

    private static readonly SearchValues<char> Special = SearchValues.Create("&<>\"'");

    /// <summary>
    /// At most <paramref name="longest"/> characters; controls, direction overrides, invisible and unassigned characters are replaced,
    /// stacks of combining marks are cut.
    /// </summary>
    public static string Clean(string text, int longest)
    {
        if (text.Length <= longest && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var clean = new StringBuilder(Math.Min(text.Length, longest) + 1);
        var marks = 0;
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, longest + 1)).EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > longest - 1 && text.Length > longest)
                return clean.Append('…').ToString();
            var category = Rune.GetUnicodeCategory(rune);
            marks = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? marks + 1 : 0;
            if (marks > MarksOnOneLetter)
                continue;
            if (IsHarmful(category))
                clean.Append('\uFFFD');
            else
                clean.Append(rune.ToString());
        }
        return clean.ToString();
    }

    /// <summary>For element content and double-quoted attributes.</summary>
    public static void AppendEscaped(StringBuilder output, ReadOnlySpan<char> text)
    {
        int special;
        while ((special = text.IndexOfAny(Special)) >= 0)
        {
            output
                .Append(text[..special])
                .Append(
                    text[special] switch
                    {
                        '&' => "&amp;",
                        '<' => "&lt;",
                        '>' => "&gt;",
                        '"' => "&quot;",
                        _ => "&#39;",
                    }
                );
            text = text[(special + 1)..];
        }
        output.Append(text);
    }

    private static bool IsHarmful(UnicodeCategory category) =>
        category
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
}

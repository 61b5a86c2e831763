namespace Builder.Analysis.Drawing;

/// <summary>
/// How wide a text gets at most. The reader's font is unknown, so the widths are those of DejaVu Sans, the widest that systems
/// choose for <c>system-ui</c>; in Inter, Segoe or San Francisco the same text is narrower.
/// </summary>
internal static class TextWidth
{
    private const double Bold = 1.14;
    private const double Safety = 1.02;

    // Thousandths of the font size, from space to tilde.
    private static readonly short[] Ascii =
    [
        318,
        401,
        460,
        838,
        636,
        950,
        780,
        275,
        390,
        390,
        500,
        838,
        318,
        361,
        318,
        337,
        636,
        636,
        636,
        636,
        636,
        636,
        636,
        636,
        636,
        636,
        337,
        337,
        838,
        838,
        838,
        531,
        1000,
        684,
        686,
        698,
        770,
        632,
        575,
        775,
        752,
        295,
        295,
        656,
        557,
        863,
        748,
        787,
        603,
        787,
        695,
        635,
        611,
        732,
        684,
        989,
        685,
        611,
        685,
        390,
        337,
        390,
        838,
        500,
        500,
        613,
        635,
        550,
        635,
        615,
        352,
        635,
        634,
        278,
        278,
        579,
        278,
        974,
        634,
        612,
        635,
        635,
        411,
        521,
        392,
        634,
        592,
        818,
        592,
        592,
        525,
        636,
        337,
        636,
        838,
    ];

    public static double Of(ReadOnlySpan<char> text, double fontSize, bool bold = false)
    {
        var thousandths = 0;
        foreach (var character in text)
            thousandths += Of(character);
        return thousandths * fontSize / 1000 * Safety * (bold ? Bold : 1);
    }

    /// <summary>The text, or its start with an ellipsis, that fits; empty where not even three letters do.</summary>
    public static string Fit(string text, double width, double fontSize, bool bold = false)
    {
        if (Of(text, fontSize, bold) <= width)
            return text;
        var room = width - Of("…", fontSize, bold);
        var length = 0;
        for (var used = 0.0; length < text.Length; length++)
        {
            used += Of(text.AsSpan(length, 1), fontSize, bold);
            if (used > room)
                break;
        }
        if (length > 0 && char.IsHighSurrogate(text[length - 1]))
            length--;
        return length < 3 ? "" : string.Concat(text.AsSpan(0, length).TrimEnd(), "…");
    }

    /// <summary>The text, or its end after an ellipsis: of a path the end tells more.</summary>
    public static string FitEnd(string text, double width, double fontSize, bool bold = false)
    {
        if (Of(text, fontSize, bold) <= width)
            return text;
        var room = width - Of("…", fontSize, bold);
        var start = text.Length;
        for (var used = 0.0; start > 0; start--)
        {
            used += Of(text.AsSpan(start - 1, 1), fontSize, bold);
            if (used > room)
                break;
        }
        if (start < text.Length && char.IsLowSurrogate(text[start]))
            start++;
        return string.Concat("…", text.AsSpan(start));
    }

    /// <summary>Lines that fit; a word that does not fit a line is cut.</summary>
    public static IEnumerable<string> Wrap(string text, double width, double fontSize)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (line.Length > 0 && Of(longer, fontSize) > width)
            {
                yield return line;
                longer = word;
            }
            line = Fit(longer, width, fontSize);
        }
        if (line.Length > 0)
            yield return line;
    }

    private static int Of(char character) =>
        character switch
        {
            >= ' ' and <= '~' => Ascii[character - ' '],
            '·' => 318,
            '–' or '\u00A0' => 500,
            '−' or '×' or '→' => 838,
            _ => 1030,
        };
}

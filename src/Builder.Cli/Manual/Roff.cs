using System.Text;

namespace Builder.Cli.Manual;

/// <summary>Writes a manual page; man(7) has the macros, groff_char(7) the characters.</summary>
internal sealed class Roff
{
    private readonly StringBuilder page = new();
    private bool isAfterHeading;

    /// <param name="date">As <c>2026-11-26</c>; may be empty.</param>
    public Roff(string name, string date, string source)
    {
        page.Append(".\\\" Written by \"builder manual\" from the command tree.\n");
        page.Append($".TH \"{Escape(name.ToUpperInvariant())}\" \"1\" \"{date}\" \"{Escape(source)}\" \"Builder\"\n");
    }

    public void Section(string title)
    {
        page.Append($".SH {Escape(title)}\n");
        isAfterHeading = true;
    }

    /// <summary>Paragraphs are separated by empty lines; other line ends are blanks.</summary>
    public void Text(string text)
    {
        foreach (var paragraph in Paragraphs(text))
        {
            BeginParagraph();
            page.Append(Line(paragraph)).Append('\n');
        }
    }

    public void Name(string name, string summary) => page.Append($"{Escape(name)} \\- {Escape(summary)}\n");

    /// <summary>A line of its own: bold, then what follows.</summary>
    public void Synopsis(string words, string rest)
    {
        BeginParagraph();
        page.Append($"\\fB{Escape(words)}\\fR{(rest.Length == 0 ? "" : " ")}{Escape(rest)}\n");
    }

    /// <param name="term">Bold.</param>
    /// <param name="value">In italics after it; may be empty.</param>
    public void Item(string term, string value, string text)
    {
        isAfterHeading = false;
        page.Append($".TP\n\\fB{Escape(term)}\\fR{(value.Length == 0 ? "" : $"\\fI{Escape(value)}\\fR")}\n");
        var isFirst = true;
        foreach (var paragraph in Paragraphs(text))
        {
            page.Append(isFirst ? "" : ".IP\n").Append(Line(paragraph)).Append('\n');
            isFirst = false;
        }
        // A term without a text would take the next macro for it.
        if (isFirst)
            page.Append("\\&\n");
    }

    /// <summary>Lines as they stand.</summary>
    public void Example(string lines)
    {
        BeginParagraph();
        page.Append(".nf\n.RS\n");
        foreach (var line in lines.Split('\n'))
            page.Append(Line(line)).Append('\n');
        page.Append(".RE\n.fi\n");
    }

    public override string ToString() => page.ToString();

    /// <summary>A heading begins one by itself.</summary>
    private void BeginParagraph()
    {
        page.Append(isAfterHeading ? "" : ".PP\n");
        isAfterHeading = false;
    }

    private static IEnumerable<string> Paragraphs(string text) =>
        text.Replace("\r", "", StringComparison.Ordinal)
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(paragraph => string.Join(' ', paragraph.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)))
            .Where(paragraph => paragraph.Length > 0);

    /// <summary>A line of text never begins with a control character.</summary>
    private static string Line(string text) => text is ['.' or '\'', ..] ? $"\\&{Escape(text)}" : Escape(text);

    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            escaped.Append(
                rune.Value switch
                {
                    '\\' => "\\e",
                    '-' => "\\-",
                    '\'' => "\\(aq",
                    '"' => "\\(dq",
                    '`' => "\\(ga",
                    '^' => "\\(ha",
                    '~' => "\\(ti",
                    < ' ' or 0x7f => " ",
                    < 0x80 => rune.ToString(),
                    _ => $"\\[u{rune.Value:X4}]",
                }
            );
        }
        return escaped.ToString();
    }
}

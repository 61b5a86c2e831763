using System.Text;
using Builder.Web.Shared;

namespace Builder.Web.Builds;

/// <summary>
/// A console line as HTML: colours and weights of ANSI sequences become classes, everything else that steers a terminal is
/// left out, and of a line that was written over (carriage return) the last state is shown.
/// </summary>
internal static class AnsiText
{
    private const char Escape = '\u001b';

    public static string ToHtml(string line)
    {
        var text = LastState(line);
        if (text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0)
            return Markup.Encode(text);
        var html = new StringBuilder(text.Length + 32);
        var style = default(Style);
        var open = false;
        var plain = new StringBuilder();

        void Flush()
        {
            if (plain.Length == 0)
                return;
            if (style.Classes is { Length: > 0 } classes)
            {
                html.Append("<span class=\"").Append(classes).Append("\">");
                open = true;
            }
            html.Append(Markup.Encode(plain.ToString()));
            if (open)
                html.Append("</span>");
            open = false;
            plain.Clear();
        }

        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            if (character != Escape)
            {
                if (character is '\t' or >= ' ')
                    plain.Append(character);
                continue;
            }
            var (end, parameters) = Sequence(text, index);
            if (parameters is not null)
            {
                Flush();
                style = style.After(parameters);
            }
            index = end;
        }
        Flush();
        return html.ToString();
    }

    /// <summary>Text without sequences, for looking for words in it.</summary>
    public static string Plain(string line)
    {
        var text = LastState(line);
        if (!text.Contains(Escape, StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == Escape)
                index = Sequence(text, index).End;
            else
                plain.Append(text[index]);
        }
        return plain.ToString();
    }

    private static string LastState(string line)
    {
        var text = line.TrimEnd('\r');
        var carriage = text.LastIndexOf('\r');
        return carriage < 0 ? text : text[(carriage + 1)..];
    }

    /// <summary>The index of the sequence's last character, and its parameters where it sets colours.</summary>
    private static (int End, string? Parameters) Sequence(string text, int start)
    {
        if (start + 1 >= text.Length)
            return (start, null);
        var index = start + 2;
        switch (text[start + 1])
        {
            case '[':
                while (index < text.Length && text[index] is < '@' or > '~')
                    index++;
                return index < text.Length && text[index] == 'm' ? (index, text[(start + 2)..index]) : (Math.Min(index, text.Length - 1), null);
            case ']':
                // Titles and links: up to BEL or ESC \.
                while (index < text.Length && text[index] != '\a' && text[index] != Escape)
                    index++;
                return (index + 1 < text.Length && text[index] == Escape ? index + 1 : Math.Min(index, text.Length - 1), null);
            default:
                return (start + 1, null);
        }
    }

    private readonly record struct Style(bool Bold, bool Faint, bool Italic, bool Underlined, int? Colour)
    {
        public string Classes => string.Join(
            ' ',
            new[] { Bold ? "b" : "", Faint ? "f" : "", Italic ? "i" : "", Underlined ? "u" : "", Colour is { } colour ? $"c{colour}" : "" }.Where(name => name.Length > 0));

        public Style After(string parameters)
        {
            var style = this;
            var numbers = parameters.Split(';');
            for (var index = 0; index < numbers.Length; index++)
            {
                var number = numbers[index].Length == 0 ? 0 : int.TryParse(numbers[index], out var parsed) ? parsed : -1;
                if (number is 38 or 48)
                {
                    // 5;N: of 256 colours; 2;R;G;B: any. The first sixteen have names.
                    var colour = index + 2 < numbers.Length && numbers[index + 1] == "5" && int.TryParse(numbers[index + 2], out var named) && named < 16 ? named % 8 : (int?)null;
                    if (number == 38)
                        style = style with { Colour = colour };
                    index += index + 1 < numbers.Length && numbers[index + 1] == "2" ? 4 : 2;
                    continue;
                }
                style = number switch
                {
                    0 => default,
                    1 => style with { Bold = true },
                    2 => style with { Faint = true },
                    3 => style with { Italic = true },
                    4 => style with { Underlined = true },
                    22 => style with { Bold = false, Faint = false },
                    23 => style with { Italic = false },
                    24 => style with { Underlined = false },
                    39 => style with { Colour = null },
                    >= 30 and <= 37 => style with { Colour = number - 30 },
                    >= 90 and <= 97 => style with { Colour = number - 90 },
                    _ => style,
                };
            }
            return style;
        }
    }
}

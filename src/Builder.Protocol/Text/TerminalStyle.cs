using System.Globalization;

namespace Builder.Protocol.Text;

/// <summary>How a piece of a console line looks: what ANSI sequences may say about it. Backgrounds, blinking and hiding are not taken.</summary>
public readonly record struct TerminalStyle(bool Bold, bool Faint, bool Italic, bool Underlined, TerminalColour? Colour)
{
    /// <summary>The style after the parameters of a <c>CSI … m</c> sequence (ECMA-48, 8.3.117; colours as xterm takes them).</summary>
    public TerminalStyle After(ReadOnlySpan<char> parameters)
    {
        var style = this;
        while (true)
        {
            var end = parameters.IndexOf(';');
            var parameter = end < 0 ? parameters : parameters[..end];
            var rest = end < 0 ? default : parameters[(end + 1)..];
            if (parameter is "38" or "48")
            {
                // 38;5;N and 38;2;R;G;B: the numbers are parameters of their own.
                var colour = TakeColour(ref rest, ';');
                if (parameter is "38")
                    style = style with { Colour = colour };
            }
            else if (parameter.StartsWith("38:"))
            {
                // 38:5:N and 38:2:SPACE:R:G:B, SPACE usually empty or left out.
                var inside = parameter[3..];
                style = style with { Colour = TakeColour(ref inside, ':') };
            }
            else
            {
                style = style.AfterOne(parameter);
            }
            if (end < 0 || rest.IsEmpty)
                return style;
            parameters = rest;
        }
    }

    /// <summary>The sequence that gives a terminal this style, from none; empty for none.</summary>
    public string ToSequence()
    {
        if (this == default)
            return "";
        var codes = new List<string>();
        if (Bold)
            codes.Add("1");
        if (Faint)
            codes.Add("2");
        if (Italic)
            codes.Add("3");
        if (Underlined)
            codes.Add("4");
        if (Colour is { } colour)
            codes.Add(colour.ToParameters());
        return $"\u001b[{string.Join(';', codes)}m";
    }

    private TerminalStyle AfterOne(ReadOnlySpan<char> parameter)
    {
        // 4:3 is a curly underline, 4:0 none.
        var colon = parameter.IndexOf(':');
        var isOff = colon >= 0 && parameter[(colon + 1)..] is "0";
        var number = colon == 0 || parameter.IsEmpty ? 0 : Number(colon < 0 ? parameter : parameter[..colon]);
        return number switch
        {
            0 => default,
            1 => this with { Bold = true },
            2 => this with { Faint = true },
            3 => this with { Italic = true },
            4 => this with { Underlined = !isOff },
            22 => this with { Bold = false, Faint = false },
            23 => this with { Italic = false },
            24 => this with { Underlined = false },
            39 => this with { Colour = null },
            >= 30 and <= 37 => this with { Colour = TerminalColour.Named(number - 30) },
            >= 90 and <= 97 => this with { Colour = TerminalColour.Named(number - 90 + 8) },
            _ => this,
        };
    }

    /// <summary>Null where the parameters say no colour; they are taken from <paramref name="rest"/> all the same.</summary>
    private static TerminalColour? TakeColour(ref ReadOnlySpan<char> rest, char separator)
    {
        switch (Number(Next(ref rest, separator)))
        {
            case 5:
                return TerminalColour.OfPalette(Number(Next(ref rest, separator)));
            case 2:
                if (separator == ':' && rest.Count(':') >= 3)
                    Next(ref rest, separator);
                var red = Number(Next(ref rest, separator));
                var green = Number(Next(ref rest, separator));
                var blue = Number(Next(ref rest, separator));
                return TerminalColour.Of(red, green, blue);
            default:
                return null;
        }
    }

    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest, char separator)
    {
        var end = rest.IndexOf(separator);
        var next = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return next;
    }

    /// <summary>−1 for what is no number.</summary>
    private static int Number(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}

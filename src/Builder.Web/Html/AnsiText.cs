using System.Globalization;
using System.Text;
using Builder.Protocol.Text;

namespace Builder.Web.Html;

/// <summary>
/// A console line as HTML: colours and weights of ANSI sequences become classes, everything else that steers a terminal is
/// left out, and of text that was written over (CR, BS) the last state is shown. Direction marks are shown as <c>\u202e</c>.
/// </summary>
internal static class AnsiText
{
    public static string ToHtml(string line)
    {
        var runs = TerminalLine.Read(line, showsControls: false);
        if (runs is [{ Style: var style } only] && style == default)
            return Markup.Encode(only.Text);
        var html = new StringBuilder(line.Length + 32);
        foreach (var run in runs)
        {
            if (Classes(run.Style) is { Length: > 0 } classes)
                html.Append("<span class=\"").Append(classes).Append("\">").Append(Markup.Encode(run.Text)).Append("</span>");
            else
                html.Append(Markup.Encode(run.Text));
        }
        return html.ToString();
    }

    /// <summary>Text without sequences, for looking for words in it.</summary>
    public static string Plain(string line) => TerminalLine.Plain(line);

    private static string Classes(TerminalStyle style)
    {
        if (style == default)
            return "";
        var classes = new List<string>();
        if (style.Bold)
            classes.Add("b");
        if (style.Faint)
            classes.Add("f");
        if (style.Italic)
            classes.Add("i");
        if (style.Underlined)
            classes.Add("u");
        if (style.Colour is { } colour)
            classes.Add(ClassesOf(colour));
        return string.Join(' ', classes);
    }

    /// <summary>
    /// One of eight that follow the theme, or an exact colour: 4 bits of each part, as the site allows no style in the page and a
    /// class for each of 16 million colours is too many.
    /// </summary>
    private static string ClassesOf(TerminalColour colour) =>
        colour.Name >= 0
            ? string.Create(CultureInfo.InvariantCulture, $"c{colour.Name % 8}")
            : string.Create(CultureInfo.InvariantCulture, $"q r{Step(colour.Red):x} g{Step(colour.Green):x} b{Step(colour.Blue):x}");

    /// <summary>The nearest of 0, 17, 34, … 255.</summary>
    private static int Step(byte part) => (part + 8) / 17;
}

using System.Globalization;
using System.Text;
using Builder.Protocol.Values;

namespace Builder.Protocol.Text;

/// <summary>
/// Shows characters that a reader cannot see and that steer a terminal or the order of reading. Names, console lines and messages come
/// from strangers; whoever prints them, on a terminal or a page, uses this. A shown character reads <c>\u001b</c>, as in JSON.
/// </summary>
public static class VisibleText
{
    /// <summary>C0, DEL and C1 controls, and the two Unicode line separators. LF and TAB are among them.</summary>
    public static bool IsControl(Rune rune) => rune.Value is < 0x20 or (>= 0x7F and < 0xA0) or 0x2028 or 0x2029;

    /// <summary>Changes the order in which text is read (Unicode Standard Annex 9): <c>rtl&lt;RLO&gt;gpj.exe</c> reads as rtlexe.jpg.</summary>
    public static bool IsDirectional(Rune rune) =>
        rune.Value is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    /// <summary>
    /// A control, a direction mark, or a character without a shape of its own: two names that differ only by it look the same.
    /// </summary>
    public static bool IsHidden(Rune rune)
    {
        if (rune.Value is >= 0x20 and < 0x7F)
            return false;
        return IsControl(rune)
            || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format
            || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0;
    }

    /// <summary>
    /// As <see cref="IsHidden"/>, for running text: LF and TAB lay it out, and the joiners U+200C and U+200D belong to the spelling of
    /// some languages and to composed pictures.
    /// </summary>
    public static bool IsHiddenInText(Rune rune) => rune.Value is not ('\n' or '\t' or 0x200C or 0x200D) && IsHidden(rune);

    /// <summary>For what must stay on its line: a name, a path, a message.</summary>
    public static string Line(string text) => Show(text, isLine: true);

    /// <inheritdoc cref="Line(string)"/>
    public static string Line(ByteString text) => Line(text.ToString());

    /// <summary>For running text of several lines: LF and TAB stay.</summary>
    public static string Block(string text) => Show(text, isLine: false);

    /// <summary><c>\u202e</c>; beyond U+FFFF the two halves, <c>\udb40\udc01</c>.</summary>
    public static string Escape(Rune rune)
    {
        Span<char> units = stackalloc char[2];
        return rune.EncodeToUtf16(units) == 1
            ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)units[0]:x4}")
            : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)units[0]:x4}\\u{(int)units[1]:x4}");
    }

    private static string Show(string text, bool isLine)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var shown = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (isLine ? IsHidden(rune) : IsHiddenInText(rune))
                shown.Append(Escape(rune));
            else
                shown.Append(rune.ToString());
        }
        return shown.ToString();
    }
}

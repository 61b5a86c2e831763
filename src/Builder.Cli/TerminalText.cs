using System.Globalization;
using System.Text;

namespace Builder.Cli;

/// <summary>Text of strangers on a terminal, which obeys control characters.</summary>
internal static class TerminalText
{
    /// <summary>Controls and invisible formats show as U+FFFD; lines and tabs stay.</summary>
    public static string Clean(string text)
    {
        if (!text.Any(IsHarmful))
            return text;
        return string.Create(text.Length, text, (clean, dirty) =>
        {
            for (var i = 0; i < clean.Length; i++)
                clean[i] = IsHarmful(dirty[i]) ? (char)Rune.ReplacementChar.Value : dirty[i];
        });
    }

    private static bool IsHarmful(char c) =>
        (char.IsControl(c) && c is not ('\n' or '\t')) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format;
}

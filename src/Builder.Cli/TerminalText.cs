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

    /// <summary>As <see cref="Clean"/>, for what must stay on its line: a name, a path.</summary>
    public static string OneLine(string text) => Clean(text).Replace('\n', '\uFFFD').Replace('\t', '\uFFFD');

    private static bool IsHarmful(char c) =>
        (char.IsControl(c) && c is not ('\n' or '\t')) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format;
}

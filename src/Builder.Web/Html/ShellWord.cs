using System.Buffers;
using System.Globalization;

namespace Builder.Web.Html;

/// <summary>Names of strangers in command lines that visitors copy.</summary>
internal static class ShellWord
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._+@=:,/"
    );

    /// <summary>Null where the name cannot be written so that it is only a name: line ends, escapes, hidden signs, an option.</summary>
    public static string? Of(string name)
    {
        if (name.Length == 0 || name[0] == '-' || name.Any(IsHidden))
            return null;
        return name.AsSpan().ContainsAnyExcept(Plain) ? $"'{name.Replace("'", "'\\''", StringComparison.Ordinal)}'" : name;
    }

    private static bool IsHidden(char character) =>
        char.GetUnicodeCategory(character)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
        || character == '\uFFFD';
}

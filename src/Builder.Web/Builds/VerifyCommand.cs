using System.Buffers;
using System.Globalization;

namespace Builder.Web.Builds;

/// <summary>
/// The line that a visitor copies into a shell to check a download. The file's name is the build's own, so nothing in it may mean
/// anything to the shell, the terminal or <c>sha256sum</c>.
/// </summary>
internal static class VerifyCommand
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._+@=:,"
    );

    /// <summary>Null where the name cannot be written so that it is only a name: line ends, escapes, hidden signs, what is not UTF-8.</summary>
    public static string? For(string hash, string fileName)
    {
        if (!fileName.AsSpan().ContainsAnyExcept(Plain))
            return $"echo \"{hash}  {fileName}\" | sha256sum --check";
        if (fileName.Any(IsHidden))
            return null;
        // A backslash in front says that those in the name are doubled.
        var (mark, name) = fileName.Contains('\\', StringComparison.Ordinal)
            ? ("\\", fileName.Replace("\\", "\\\\", StringComparison.Ordinal))
            : ("", fileName);
        return $"printf '%s\\n' '{mark}{hash}  {name.Replace("'", "'\\''", StringComparison.Ordinal)}' | sha256sum --check";
    }

    private static bool IsHidden(char character) =>
        char.GetUnicodeCategory(character)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
        || character == '\uFFFD';
}

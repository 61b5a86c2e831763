using System.Security.Cryptography;
using System.Text;

namespace Builder.Analysis.Logs;

/// <summary>What stays of an error when another machine, another day and another version report it.</summary>
internal static class Fingerprint
{
    private const int SizeInBytes = 8;
    private const int MaxLength = 600;

    /// <param name="text">The error, with its details if it has them below.</param>
    public static string Of(string text)
    {
        var normal = Encoding.UTF8.GetBytes(Normalise(text));
        return Convert.ToHexStringLower(SHA256.HashData(normal).AsSpan(0, SizeInBytes));
    }

    /// <summary>Places are dropped, absolute paths keep their last part, numbers become <c>#</c>.</summary>
    public static string Normalise(string text)
    {
        // The same missing header is one failure in any file.
        var rest = Places.WithoutPlace(text).AsSpan();
        var normal = new StringBuilder(Math.Min(rest.Length, MaxLength));
        for (var i = 0; i < rest.Length && normal.Length < MaxLength; )
        {
            var end = WordEnd(rest, i);
            if (end > i)
            {
                AppendWord(normal, rest[i..end]);
                i = end;
                continue;
            }
            var character = rest[i++];
            if (char.IsWhiteSpace(character))
            {
                if (normal.Length > 0 && normal[^1] != ' ')
                    normal.Append(' ');
            }
            else
            {
                // Compilers quote by locale.
                normal.Append(character is '‘' or '’' or '`' or '"' or '“' or '”' ? '\'' : char.ToLowerInvariant(character));
            }
        }
        return normal.ToString().TrimEnd(' ', '.');
    }

    private static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '/' or '.' or '_' or '-' or '+' or '~' or '@' or '%'))
            end++;
        return end;
    }

    private static void AppendWord(StringBuilder normal, ReadOnlySpan<char> word)
    {
        // "-I/usr" keeps its "-I"; "../x" and "~/x" are as absolute as "/x".
        var slash = word.IndexOf('/');
        if (slash >= 0 && (slash == 0 || word[..slash].IndexOfAnyExcept('.', '~') < 0))
            word = word.TrimEnd('/') is { IsEmpty: false } path ? path[(path.LastIndexOf('/') + 1)..] : "/";
        if (IsTemporary(word))
        {
            normal.Append('#');
            return;
        }
        for (var i = 0; i < word.Length; )
        {
            var end = i;
            while (end < word.Length && (char.IsAsciiHexDigit(word[end]) || (word[end] == 'x' && end == i + 1 && word[i] == '0')))
                end++;
            if (end - i >= 7 && word[i..end].ContainsAnyInRange('0', '9'))
            {
                normal.Append('#');
                i = end;
            }
            else if (char.IsAsciiDigit(word[i]))
            {
                var start = i;
                while (
                    i < word.Length
                    && (char.IsAsciiDigit(word[i]) || (word[i] == '.' && i + 1 < word.Length && char.IsAsciiDigit(word[i + 1])))
                )
                    i++;
                // E0425, sha256 and x86 are names; an address or a count behind a letter is longer.
                if (start > 0 && char.IsLetter(word[start - 1]) && i - start <= 4)
                    normal.Append(word[start..i]);
                else
                    normal.Append('#');
            }
            else
            {
                normal.Append(char.ToLowerInvariant(word[i++]));
            }
        }
    }

    /// <summary>Objects of gcc (<c>ccXXXXXX.o</c>) and directories of mktemp (<c>tmp.XXXXXXXXXX</c>).</summary>
    private static bool IsTemporary(ReadOnlySpan<char> word) =>
        (word.Length == 10 && word.StartsWith("cc") && (word.EndsWith(".o") || word.EndsWith(".s")) && word[2..8].IndexOfAny('.', '-') < 0)
        || (word.Length == 14 && word.StartsWith("tmp."));
}

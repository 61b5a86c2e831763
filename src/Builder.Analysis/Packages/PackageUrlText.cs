using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Builder.Analysis.Packages;

/// <summary>The pieces that a package URL is written with: percent encoding, segments, qualifiers (ECMA-427).</summary>
internal static class PackageUrlText
{
    private static readonly SearchValues<char> OfTypes = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
    );

    private static readonly SearchValues<char> OfKeys = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
    );

    public static ImmutableSortedDictionary<string, string> NoQualifiers { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public static string[] Segments(string? path) => path?.Split('/', StringSplitOptions.RemoveEmptyEntries) ?? [];

    public static bool IsType(ReadOnlySpan<char> type) => IsWord(type, OfTypes);

    public static StringBuilder AppendEncoded(StringBuilder text, string part, bool keepsSlashes = false)
    {
        foreach (var value in Encoding.UTF8.GetBytes(part))
        {
            var character = (char)value;
            if (char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' or '~' or ':' || (keepsSlashes && character == '/'))
                text.Append(character);
            else
                text.Append('%').Append(Convert.ToHexString([value]));
        }
        return text;
    }

    /// <summary>False for a percent sign without two digits, and for bytes that are not UTF-8.</summary>
    public static bool TryDecode(string text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        var written = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var index = 0; index < written.Length; index++)
        {
            var value = written[index];
            if (value == '%')
            {
                if (
                    index + 2 >= written.Length
                    || Convert.FromHexString(written.AsSpan(index + 1, 2), written.AsSpan(length), out _, out _) != OperationStatus.Done
                )
                    return false;
                index += 2;
            }
            else
                written[length] = value;
            length++;
        }
        if (!Utf8.IsValid(written.AsSpan(0, length)))
            return false;
        decoded = Encoding.UTF8.GetString(written, 0, length);
        return true;
    }

    /// <summary>Without empty segments, <c>.</c> and <c>..</c>; false where one would be more than a segment once it is decoded.</summary>
    public static bool TryDecodeSegments(string path, [NotNullWhen(true)] out string[]? decoded)
    {
        var segments = new List<string>();
        decoded = null;
        foreach (var written in Segments(path).Where(segment => segment is not ("." or "..")))
        {
            if (!TryDecode(written, out var segment) || segment.Contains('/', StringComparison.Ordinal))
                return false;
            segments.Add(segment);
        }
        decoded = [.. segments];
        return true;
    }

    /// <summary>False for a key that is no key or stands twice, and for a value that cannot be decoded.</summary>
    public static bool TryReadQualifiers(string? query, out ImmutableSortedDictionary<string, string> qualifiers)
    {
        qualifiers = NoQualifiers;
        foreach (var pair in query?.Split('&', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var sign = pair.IndexOf('=', StringComparison.Ordinal);
            if (sign < 0 || !IsWord(pair.AsSpan(0, sign), OfKeys) || !TryDecode(pair[(sign + 1)..], out var value))
                return false;
            var key = pair[..sign].ToLowerInvariant();
            if (qualifiers.ContainsKey(key))
                return false;
            if (value.Length > 0)
                qualifiers = qualifiers.Add(key, value);
        }
        return true;
    }

    /// <summary>Cuts text at its last mark and returns what follows that; null where there is none.</summary>
    public static string? CutLast(ref string text, char mark)
    {
        var at = text.LastIndexOf(mark);
        if (at < 0)
            return null;
        var cut = text[(at + 1)..];
        text = text[..at];
        return cut;
    }

    private static bool IsWord(ReadOnlySpan<char> text, SearchValues<char> allowed) =>
        !text.IsEmpty && char.IsAsciiLetter(text[0]) && !text.ContainsAnyExcept(allowed);
}

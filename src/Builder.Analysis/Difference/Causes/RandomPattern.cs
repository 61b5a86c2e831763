using System.Buffers;
using System.Text.RegularExpressions;

namespace Builder.Analysis.Difference.Causes;

/// <summary>Values without order: uuids, addresses in memory, hexadecimal or base64 of equal length, names of temporary files, seeds and process ids.</summary>
internal static partial class RandomPattern
{
    private static readonly SearchValues<char> Vowels = SearchValues.Create("aeiouAEIOU");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private const int MinHex = 8;
    private const int MinBase64 = 16;
    private const int MinTemporary = 6;

    /// <summary>Every token that differs is a random value.</summary>
    public static bool IsCause(string left, string right)
    {
        var any = false;
        foreach (var pair in DifferingTokens.Of(left, right) ?? [])
        {
            if (!IsRandom(pair.Left, pair.Right, pair.Before))
                return false;
            any = true;
        }
        return any;
    }

    private static bool IsRandom(string left, string right, string before)
    {
        if (Guid.TryParse(left, out _) && Guid.TryParse(right, out _))
            return true;
        if (Address().IsMatch(left) && Address().IsMatch(right))
            return true;
        if (RandomWord().IsMatch(before) && IsValue(left) && IsValue(right))
            return true;
        if (IsTemporary(left, right, before))
            return true;
        if (left.Length != right.Length || VersionWord().IsMatch(before))
            return false;
        if (left.Length >= MinHex && IsHex(left) && IsHex(right))
            return HasLetter(left) || HasLetter(right) || left.Length >= 32;
        return left.Length >= MinBase64 && LooksMixed(left) && LooksMixed(right) && Differing(left, right) * 2 > left.Length;
    }

    // mktemp: a name in a temporary directory whose tail of six or more characters is drawn anew.
    private static bool IsTemporary(string left, string right, string before)
    {
        var isTemporaryDirectory =
            before.EndsWith("tmp/", StringComparison.Ordinal)
            || before.EndsWith("TMP/", StringComparison.Ordinal)
            || before.EndsWith("tmp", StringComparison.Ordinal)
            || before.EndsWith("temp", StringComparison.OrdinalIgnoreCase)
            || before.EndsWith("T/", StringComparison.Ordinal);
        if (left.Length != right.Length || !isTemporaryDirectory && !TemporaryName().IsMatch(left))
            return false;
        var prefix = left.AsSpan().CommonPrefixLength(right);
        var suffix = 0;
        while (suffix < left.Length - prefix && left[^(suffix + 1)] == right[^(suffix + 1)])
            suffix++;
        var (a, b) = (Tail(left, prefix), Tail(right, prefix));
        return a.Length >= MinTemporary && (IsScrambled(a) || IsScrambled(b)) && Differing(a, b) * 2 > a.Length;
    }

    // From the last separator before the first difference to the next one after it.
    private static string Tail(string token, int prefix)
    {
        var start = token.AsSpan(0, prefix).LastIndexOfAny("._-") + 1;
        var end = token.AsSpan(prefix).IndexOfAny("._-");
        return end < 0 ? token[start..] : token[start..(prefix + end)];
    }

    private static bool IsScrambled(string text) =>
        (text.AsSpan().ContainsAnyInRange('0', '9') && text.Any(char.IsAsciiLetter))
        || (text.AsSpan(1).ContainsAnyInRange('A', 'Z') && text.AsSpan().ContainsAnyInRange('a', 'z'))
        || !text.AsSpan().ContainsAny(Vowels);

    private static bool IsValue(string text) =>
        text.Length is > 0 and <= 128 && (text.All(char.IsAsciiDigit) || IsHex(text) || LooksMixed(text) || text.Length >= 6);

    private static int Differing(string left, string right)
    {
        var count = 0;
        for (var i = 0; i < left.Length; i++)
            count += left[i] == right[i] ? 0 : 1;
        return count;
    }

    private static bool LooksMixed(string text)
    {
        var span = text.AsSpan();
        var classes =
            (span.ContainsAnyInRange('a', 'z') ? 1 : 0)
            + (span.ContainsAnyInRange('A', 'Z') ? 1 : 0)
            + (span.ContainsAnyInRange('0', '9') ? 1 : 0);
        return classes == 3 || (classes == 2 && span.EndsWith("="));
    }

    private static bool HasLetter(string text) => text.Any(char.IsAsciiLetter);

    private static bool IsHex(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(HexDigits);

    [GeneratedRegex(@"^0x[0-9a-fA-F]{5,16}$", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    [GeneratedRegex(@"^(?:tmp|temp|\.tmp|cc)[._-]?[A-Za-z0-9_]{6,}", RegexOptions.CultureInvariant)]
    private static partial Regex TemporaryName();

    [GeneratedRegex(
        @"(?:seed|random|rand|nonce|salt|uuid|guid|token|session|pid|cookie|secret|unique|serial|instance|boundary)[\w""']{0,12}[\s:=#""'\[(]{1,8}$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex RandomWord();

    // A revision or a checksum is computed from something that differs itself.
    [GeneratedRegex(
        @"(?:commit|revision|git|version|sha-?1|sha-?256|sha-?512|md5|crc32|checksum|digest)[\w""']{0,12}[\s:=#""'\[(-]{1,8}$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex VersionWord();
}

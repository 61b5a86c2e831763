namespace Builder.Analysis.Difference.Causes;

/// <summary>Values without order: uuids, hexadecimal or base64 of equal length, names of temporary files.</summary>
internal static class RandomPattern
{
    private const int MinHex = 8;
    private const int MinBase64 = 16;

    public static bool IsCause(string left, string right)
    {
        if (left.Length != right.Length)
            return false;
        var any = false;
        for (var i = 0; i < left.Length; i++)
        {
            if (left[i] == right[i])
                continue;
            var (from, to) = Token(left, right, i);
            if (to - from == 0 || !IsRandom(left.AsSpan(from, to - from), right.AsSpan(from, to - from), left.AsSpan(0, from)))
                return false;
            any = true;
            i = to - 1;
        }
        return any;
    }

    private static (int From, int To) Token(string left, string right, int at)
    {
        var (from, to) = (at, at);
        while (from > 0 && IsTokenCharacter(left[from - 1]))
            from--;
        while (to < left.Length && IsTokenCharacter(left[to]) && IsTokenCharacter(right[to]))
            to++;
        return (from, to);
    }

    private static bool IsRandom(ReadOnlySpan<char> left, ReadOnlySpan<char> right, ReadOnlySpan<char> before)
    {
        if (Guid.TryParse(left, out _) && Guid.TryParse(right, out _))
            return true;
        if (left.Length >= MinHex && IsHex(left) && IsHex(right))
            return left.ContainsAnyInRange('a', 'f') || left.ContainsAnyInRange('A', 'F') || left.Length >= 32;
        if (before.EndsWith("/tmp/") || before.EndsWith("/tmp."))
            return true;
        return left.Length >= MinBase64 && LooksMixed(left) && LooksMixed(right) && Differing(left, right) * 2 > left.Length;
    }

    private static int Differing(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var count = 0;
        for (var i = 0; i < left.Length; i++)
            count += left[i] == right[i] ? 0 : 1;
        return count;
    }

    private static bool LooksMixed(ReadOnlySpan<char> text) =>
        text.ContainsAnyInRange('a', 'z') && text.ContainsAnyInRange('A', 'Z') && text.ContainsAnyInRange('0', '9');

    private static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept("0123456789abcdefABCDEF-");

    private static bool IsTokenCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '+' or '=' or '_';
}

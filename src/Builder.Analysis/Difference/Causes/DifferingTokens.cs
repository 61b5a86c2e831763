namespace Builder.Analysis.Difference.Causes;

/// <summary>Words of two lines that have the same frame: which of them differ.</summary>
internal static class DifferingTokens
{
    private const int MaxText = 4096;
    private const int MaxBefore = 48;

    /// <param name="Before">The text before the word on the left, 48 characters at most.</param>
    internal readonly record struct Pair(string Left, string Right, string Before);

    /// <summary>Null where the texts differ in more than words: another number of words, or other signs between them.</summary>
    public static List<Pair>? Of(string left, string right)
    {
        if (left.Length > MaxText || right.Length > MaxText)
            return null;
        var pairs = new List<Pair>();
        for (int a = 0, b = 0; a < left.Length || b < right.Length; )
        {
            var (leftEnd, rightEnd) = (End(left, a), End(right, b));
            if (leftEnd == a || rightEnd == b)
            {
                if (a == left.Length || b == right.Length || left[a] != right[b])
                    return null;
                (a, b) = (a + 1, b + 1);
                continue;
            }
            if (!left.AsSpan(a, leftEnd - a).SequenceEqual(right.AsSpan(b, rightEnd - b)))
                pairs.Add(new Pair(left[a..leftEnd], right[b..rightEnd], left[Math.Max(0, a - MaxBefore)..a]));
            (a, b) = (leftEnd, rightEnd);
        }
        return pairs;
    }

    private static int End(string text, int from)
    {
        var end = from;
        while (end < text.Length && IsWord(text[end]))
            end++;
        while (end > from && end < text.Length && text[end] == '=')
            end++;
        return end;
    }

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character is '-' or '_' or '+' or '.' or '~';
}

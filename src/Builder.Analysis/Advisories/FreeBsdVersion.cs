using System.Globalization;

namespace Builder.Analysis.Advisories;

/// <summary>
/// Order of FreeBSD's package versions as pkg-version(8) has it: <c>VERSION[_REVISION][,EPOCH]</c>. The epoch decides first, the
/// revision last; parts of the version compare by number, letter or stage (<c>alpha</c>, <c>beta</c>, <c>pre</c>, <c>rc</c>), patch level.
/// </summary>
public static class FreeBsdVersion
{
    private static readonly (string Name, int Value)[] Stages =
    [
        ("pl", 0),
        ("alpha", 'a' - 'a' + 1),
        ("beta", 'b' - 'a' + 1),
        ("pre", 'p' - 'a' + 1),
        ("rc", 'r' - 'a' + 1),
    ];

    public static int Compare(string left, string right)
    {
        var (leftVersion, leftRevision, leftEpoch) = Split(left);
        var (rightVersion, rightRevision, rightEpoch) = Split(right);
        if (leftEpoch != rightEpoch)
            return leftEpoch.CompareTo(rightEpoch);
        var versions = CompareVersions(leftVersion, rightVersion);
        return versions != 0 ? versions : leftRevision.CompareTo(rightRevision);
    }

    private static (string Version, long Revision, long Epoch) Split(string text)
    {
        long epoch = 0;
        long revision = 0;
        if (text.LastIndexOf(',') is var comma and >= 0 && TryNumber(text.AsSpan(comma + 1), out epoch))
            text = text[..comma];
        if (text.LastIndexOf('_') is var underscore and >= 0 && TryNumber(text.AsSpan(underscore + 1), out revision))
            text = text[..underscore];
        return (text, revision, epoch);
    }

    // Parts up to a "+" are compared among themselves: of two that begin alike the one with a "+" part is newer.
    private static int CompareVersions(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        while (!left.IsEmpty || !right.IsEmpty)
        {
            var (leftEnds, rightEnds) = (left is [] or ['+', ..], right is [] or ['+', ..]);
            if (leftEnds && rightEnds)
            {
                if (left.IsEmpty || right.IsEmpty)
                    return left.IsEmpty ? -1 : 1;
                left = left[1..];
                right = right[1..];
                continue;
            }
            var order = Part(ref left, leftEnds).CompareTo(Part(ref right, rightEnds));
            if (order != 0)
                return order;
        }
        return 0;
    }

    private static (long Number, int Letter, long Patch) Part(ref ReadOnlySpan<char> text, bool hasEnded)
    {
        if (hasEnded)
            return default;
        var startsWithNumber = char.IsAsciiDigit(text[0]);
        var number = startsWithNumber ? TakeNumber(ref text) : -1;
        var letter = 0;
        long patch = 0;
        if (!text.IsEmpty && char.IsAsciiLetter(text[0]))
        {
            var (value, length) = Letter(text);
            // "1.2rc3" reads as "1.2.rc3": a stage is a part of its own.
            var isStageOfNext = startsWithNumber && length < 0;
            if (!isStageOfNext)
            {
                letter = value;
                text = text[Math.Abs(length)..];
                patch = !text.IsEmpty && char.IsAsciiDigit(text[0]) ? TakeNumber(ref text) : -1;
            }
        }
        var next = text.IndexOfAnyExceptSeparators();
        text = next < 0 ? [] : text[next..];
        return (number, letter, patch);
    }

    /// <summary>Its value, and how long it is; negative for a stage.</summary>
    private static (int Value, int Length) Letter(ReadOnlySpan<char> text)
    {
        foreach (var (name, value) in Stages)
        {
            if (
                text.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                && (text.Length == name.Length || !char.IsAsciiLetter(text[name.Length]))
            )
                return (value, -name.Length);
        }
        var length = 1;
        while (length < text.Length && char.IsAsciiLetter(text[length]))
            length++;
        return (char.ToLowerInvariant(text[0]) - 'a' + 1, length);
    }

    private static int IndexOfAnyExceptSeparators(this ReadOnlySpan<char> text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsAsciiLetterOrDigit(text[index]) || text[index] == '+')
                return index;
        }
        return -1;
    }

    private static long TakeNumber(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return TryNumber(digits, out var number) ? number : long.MaxValue;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

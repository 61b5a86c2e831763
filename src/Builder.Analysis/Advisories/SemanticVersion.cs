using System.Globalization;

namespace Builder.Analysis.Advisories;

/// <summary>
/// Order of versions by semver.org 2.0.0: numbers, then the pre-release, which sorts before its release; build metadata does not count.
/// Lenient in what it takes: missing numbers are 0, a leading <c>v</c> does not count.
/// </summary>
public static class SemanticVersion
{
    public static int Compare(string left, string right)
    {
        var (leftCore, leftPre) = Cut(left);
        var (rightCore, rightPre) = Cut(right);
        var core = CompareParts(leftCore, rightCore, isCore: true);
        if (core != 0)
            return core;
        return (leftPre, rightPre) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            _ => CompareParts(leftPre, rightPre, isCore: false),
        };
    }

    private static (string Core, string? PreRelease) Cut(string version)
    {
        if (version.StartsWith('v') || version.StartsWith('V'))
            version = version[1..];
        if (version.IndexOf('+', StringComparison.Ordinal) is var plus and >= 0)
            version = version[..plus];
        var dash = version.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? (version, null) : (version[..dash], version[(dash + 1)..]);
    }

    private static int CompareParts(string left, string right, bool isCore)
    {
        var leftParts = left.Split('.');
        var rightParts = right.Split('.');
        for (var index = 0; index < Math.Max(leftParts.Length, rightParts.Length); index++)
        {
            // A longer pre-release is the greater one; in the core what is missing is 0.
            if (!isCore && (index >= leftParts.Length || index >= rightParts.Length))
                return leftParts.Length.CompareTo(rightParts.Length);
            var order = CompareIdentifiers(
                index < leftParts.Length ? leftParts[index] : "0",
                index < rightParts.Length ? rightParts[index] : "0"
            );
            if (order != 0)
                return order;
        }
        return 0;
    }

    private static int CompareIdentifiers(string left, string right)
    {
        var (leftIsNumber, rightIsNumber) = (IsNumber(left), IsNumber(right));
        if (leftIsNumber != rightIsNumber)
            return leftIsNumber ? -1 : 1;
        if (!leftIsNumber)
            return string.CompareOrdinal(left, right);
        var (leftDigits, rightDigits) = (left.TrimStart('0'), right.TrimStart('0'));
        return leftDigits.Length != rightDigits.Length
            ? leftDigits.Length.CompareTo(rightDigits.Length)
            : string.Compare(leftDigits, rightDigits, CultureInfo.InvariantCulture, CompareOptions.Ordinal);
    }

    private static bool IsNumber(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9');
}

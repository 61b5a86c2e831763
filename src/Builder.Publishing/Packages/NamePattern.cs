using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace Builder.Publishing.Packages;

/// <summary>Names of packages in settings: a name, or a pattern with <c>*</c> for any text and <c>?</c> for one character.</summary>
internal static partial class NamePattern
{
    public static bool IsValid(string pattern) => Form().IsMatch(pattern);

    /// <summary>pkg compares names without regard to case; Debian's have none.</summary>
    public static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true);

    public static bool MatchesAny(IEnumerable<string> patterns, string name) => patterns.Any(pattern => Matches(pattern, name));

    [GeneratedRegex(@"\A[A-Za-z0-9*?][A-Za-z0-9+._*?-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

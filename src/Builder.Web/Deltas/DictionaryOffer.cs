using System.Text;

namespace Builder.Web.Deltas;

/// <summary>Says that an artifact may serve as dictionary for the same path of the job's other builds (RFC 9842 section 2.1).</summary>
internal static class DictionaryOffer
{
    /// <summary>Characters with a meaning in URL patterns.</summary>
    private const string Special = "+*?:{}()\\";

    /// <param name="target">The path as it was asked for, still percent-encoded: <c>/job/J/build/UUID/f/PATH</c>, perhaps below a prefix.</param>
    /// <param name="build">The segment that is another in other builds.</param>
    /// <returns>The value of <c>Use-As-Dictionary</c>; null where the path has characters that no structured field has.</returns>
    public static string? For(string target, string build)
    {
        var marker = $"/build/{build}/f/";
        var at = target.IndexOf(marker, StringComparison.Ordinal);
        if (at < 0 || target.Any(static character => character is < ' ' or > '~'))
            return null;
        var match = new StringBuilder("match=\"");
        Append(match, target[..at]);
        match.Append("/build/*/f/");
        Append(match, target[(at + marker.Length)..]);
        return match.Append('"').ToString();
    }

    /// <summary>The pattern escapes with a backslash, and so does the string that it is in.</summary>
    private static void Append(StringBuilder match, string text)
    {
        foreach (var character in text)
        {
            if (character == '\\')
                match.Append(@"\\\\");
            else if (Special.Contains(character, StringComparison.Ordinal))
                match.Append(@"\\").Append(character);
            else if (character == '"')
                match.Append("\\\"");
            else
                match.Append(character);
        }
    }
}

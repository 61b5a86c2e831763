using System.Text.RegularExpressions;

namespace Builder.Analysis.Difference.Causes;

/// <summary>Lines that only repeat what another file is: checksums in lists and manifests, sizes in control files.</summary>
internal static partial class DigestPattern
{
    private const int MaxText = 4096;

    public static bool IsCause(string left, string right)
    {
        if (left.Length > MaxText || right.Length > MaxText)
            return false;
        if (Size().IsMatch(left) && Size().IsMatch(right))
            return true;
        if (!(Word().IsMatch(left) || List().IsMatch(left)) || !(Word().IsMatch(right) || List().IsMatch(right)))
            return false;
        return Digest().Replace(left, "#") == Digest().Replace(right, "#");
    }

    // Hexadecimal of MD5 to SHA-512, base64 of SHA-1 to SHA-512; a size may follow in a list.
    [GeneratedRegex(
        @"(?<![0-9A-Za-z+/_])(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{96}|[0-9a-fA-F]{64}|[0-9a-fA-F]{56}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32}|[A-Za-z0-9+/_-]{86}(?:==)?|[A-Za-z0-9+/_-]{64}|[A-Za-z0-9+/_-]{43}=?|[A-Za-z0-9+/_-]{27}=?|[A-Za-z0-9+/_-]{22}==)(?:,\d+$|\s+\d+(?=\s))?(?![0-9A-Za-z+/_=])",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Digest();

    [GeneratedRegex(@"sha-?\d|md5|digest|checksum|\bhash\b|integrity", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    // md5sum and its like: the checksum, then a path.
    [GeneratedRegex(@"^\s*[0-9a-f]{32,128}\s+[* ]?[^\s]", RegexOptions.CultureInvariant)]
    private static partial Regex List();

    [GeneratedRegex(@"^(?:Installed-Size|Size|Content-Length): \d+$", RegexOptions.CultureInvariant)]
    private static partial Regex Size();
}

using System.Globalization;

namespace Builder.Publishing.Debian;

/// <summary>Versions as deb-version(7) has them: <c>[EPOCH:]UPSTREAM[-REVISION]</c>.</summary>
internal static class DebianVersion
{
    /// <summary>Null for a version that dpkg takes; else what is wrong with it.</summary>
    public static string? WhyNot(string version)
    {
        var rest = version;
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            if (!int.TryParse(rest[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out _))
                return $"the epoch of version \"{ControlFile.Short(version)}\" is not a number";
            rest = rest[(colon + 1)..];
        }
        var hyphen = rest.LastIndexOf('-');
        var (upstream, revision) = hyphen < 0 ? (rest, null) : (rest[..hyphen], rest[(hyphen + 1)..]);
        if (upstream.Length == 0 || !char.IsAsciiDigit(upstream[0]))
            return $"version \"{ControlFile.Short(version)}\" does not start with a digit";
        if (revision is "")
            return $"version \"{ControlFile.Short(version)}\" ends with a hyphen";
        return
            upstream.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+' or '~' || (c == ':' && colon >= 0))
            && (revision ?? "").All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '~')
            ? null
            : $"version \"{ControlFile.Short(version)}\" has characters other than letters, digits and . + - ~";
    }
}

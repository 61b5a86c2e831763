using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Builder.Protocol.Values;
using Builder.Publishing.Archives;

namespace Builder.Publishing.Packages;

/// <summary>
/// The version under which a package goes out: its own, then the start of the build and the hash of the main binary, so that
/// a newer build is a newer version and an installed package leads back to its build.
/// </summary>
public static partial class PublishedVersion
{
    public const char DebianSeparator = '-';
    public const char FreeBsdSeparator = '.';

    /// <exception cref="PackageException">The package's own version is none that can be published; the message says which can.</exception>
    public static string Derive(string own, Timestamp started, string sha256, char separator)
    {
        var match = Own().Match(own);
        if (!match.Success || (separator == DebianSeparator && match.Groups["tail"].Value.StartsWith('.')))
            throw new PackageException(
                $"version \"{(own.Length <= 80 ? own : $"{own[..80]}…")}\" cannot be published: it must be X.Y.Z or X.Y.Z-N-gHASH, as git describe says it"
            );
        var commits = match.Groups["commits"] is { Success: true } group ? group.Value : "0";
        var hash = match.Groups["hash"] is { Success: true } given ? given.Value : "0000000";
        return string.Join(separator, match.Groups["base"].Value, commits, $"g{hash}", BuildTime(started), sha256);
    }

    /// <summary>YYYYMMDDhhmmss in UTC.</summary>
    public static string BuildTime(Timestamp started)
    {
        try
        {
            return started.ToDateTimeOffset().ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new PackageException("the build's start is in no year from 1 to 9999");
        }
    }

    /// <summary>Takes a published version apart again.</summary>
    public static bool TryParse(string version, [NotNullWhen(true)] out string? buildTime, [NotNullWhen(true)] out string? sha256)
    {
        var match = Tail().Match(version);
        buildTime = match.Success ? match.Groups[1].Value : null;
        sha256 = match.Success ? match.Groups[2].Value : null;
        return match.Success;
    }

    [GeneratedRegex(
        @"\A(?<base>[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9})(?<tail>[-.](?<commits>[0-9]{1,9})[-.]g(?<hash>[0-9a-fA-F]{4,40}))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Own();

    [GeneratedRegex(@"[-.]([0-9]{14})[-.]([0-9a-f]{64})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Tail();
}

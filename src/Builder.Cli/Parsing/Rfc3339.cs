using System.Globalization;
using System.Text.RegularExpressions;
using Builder.Protocol.Values;

namespace Builder.Cli.Parsing;

/// <summary>
/// Moments as RFC 3339 writes them, and as the original programs take them: <c>t</c> and <c>z</c> in either case or a blank between day and
/// time, and any number of decimals, of which 100 ns are kept. Without an offset it is UTC; seconds, or the whole time, may be left out.
/// </summary>
internal static partial class Rfc3339
{
    private const int MaxDecimals = 7;

    public static bool TryParse(string text, out Timestamp moment)
    {
        moment = default;
        if (Form().Match(text) is not { Success: true } match)
            return false;
        var decimals = match.Groups["fraction"].Value;
        var exact =
            $"{match.Groups["day"].Value}T{(match.Groups["time"] is { Length: > 0 } time ? time.Value : "00:00")}{(match.Groups["second"] is { Length: > 0 } second ? second.Value : ":00")}"
            + $".{(decimals.Length > MaxDecimals ? decimals[..MaxDecimals] : decimals).PadRight(MaxDecimals, '0')}"
            + (match.Groups["offset"].Value is "" or "Z" or "z" ? "+00:00" : match.Groups["offset"].Value);
        if (
            !DateTimeOffset.TryParseExact(
                exact,
                "yyyy-MM-dd'T'HH:mm:ss.fffffffzzz",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var parsed
            )
        )
            return false;
        moment = Timestamp.From(parsed);
        return true;
    }

    [GeneratedRegex(
        @"\A(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})([Tt ](?<time>[0-9]{2}:[0-9]{2})((?<second>:[0-9]{2})(\.(?<fraction>[0-9]{1,100}))?)?(?<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})?)?\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Form();
}

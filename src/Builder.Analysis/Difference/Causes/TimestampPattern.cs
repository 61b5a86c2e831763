using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Builder.Analysis.Difference.Causes;

/// <summary>Dates and times as programs write them: ISO 8601, RFC 2822, asctime and date(1), __DATE__ and __TIME__, epoch seconds to nanoseconds, compact, the year alone.</summary>
internal static partial class TimestampPattern
{
    /// <summary>Stands for a timestamp in a text that is compared further.</summary>
    public const char Mark = '\uFFF9';

    private const int MaxText = 4096;

    // The years 2000 to 2099: what lies outside is a number and no time.
    private const long MinEpoch = 946_684_800;
    private const long MaxEpoch = 4_102_444_799;

    /// <summary>The text with each timestamp replaced by <see cref="Mark"/>, and what was replaced.</summary>
    public static (string Marked, List<string> Found) Replace(string text)
    {
        var found = new List<string>();
        if (text.Length > MaxText)
            return (text, found);
        var marked = new StringBuilder(text.Length);
        var from = 0;
        foreach (Match match in Times().Matches(text))
        {
            if (!IsTime(match))
                continue;
            marked.Append(text, from, match.Index - from).Append(Mark);
            found.Add(match.Value);
            from = match.Index + match.Length;
        }
        marked.Append(text, from, text.Length - from);
        return (marked.ToString(), found);
    }

    public static bool IsEpoch(long seconds) => seconds is >= MinEpoch and <= MaxEpoch;

    private static bool IsTime(Match match)
    {
        if (match.Groups["epoch"] is { Success: true } epoch)
            return long.TryParse(epoch.ValueSpan[..10], CultureInfo.InvariantCulture, out var seconds) && IsEpoch(seconds);
        if (match.Groups["compact"] is { Success: true } compact)
            return DateOnly.TryParseExact(
                    compact.ValueSpan[..8],
                    "yyyyMMdd",
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out var date
                ) && date.Year is >= 1990 and < 2100;
        return true;
    }

    // No pattern within a repetition: the time to match is proportional to the text.
    [GeneratedRegex(
        """
            (?<![\w.])(?:
              (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\ +)?(?:
                \d{1,2}[\ -](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[\ -]\d{4}(?:,?\ \d{1,2}:\d{2}(?::\d{2})?(?:\ [AP]M)?(?:\ (?:[+-]\d{4}|[A-Z]{2,5}))?)?
              | (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\ +\d{1,2}(?:
                  \ \d{1,2}:\d{2}(?::\d{2})?(?:\ [AP]M)?(?:\ (?:[+-]\d{4}|[A-Z]{2,5}))?\ \d{4}
                | ,?\ \d{4}(?:,?\ (?:at\ )?\d{1,2}:\d{2}(?::\d{2})?(?:\ [AP]M)?(?:\ (?:[+-]\d{4}|[A-Z]{2,5}))?)?
                | \ \d{1,2}:\d{2}(?::\d{2})?
                ))
            | \d{4}[-/.](?:0[1-9]|1[0-2])[-/.](?:0[1-9]|[12]\d|3[01])(?:(?:T|_|\ +)\d{1,2}[:.-]?\d{2}(?:[:.-]?\d{2}(?:[.,]\d{1,9})?)?(?:\ ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?)?
            | \d{1,2}[/.]\d{1,2}[/.](?:19|20)\d{2}(?:,?\ \d{1,2}:\d{2}(?::\d{2})?(?:\ [AP]M)?)?
            | \d{1,2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:\ [AP]M)?(?:\ (?:[+-]\d{4}|UTC|GMT|CES?T))?
            | (?<compact>(?:19|20)\d{6}(?:[T_-]?\d{6}(?:\.\d{1,9})?Z?|\d{4})?)
            | (?<epoch>\d{10}(?:\d{3}|\d{6}|\d{9})?)(?:\.\d{1,9})?
            | (?:19[89]|20\d)\d
            | \d{1,2}:\d{2}(?:\ ?[AP]M)?
            )(?![\w])
            """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant
    )]
    private static partial Regex Times();
}

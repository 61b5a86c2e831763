using System.Globalization;
using Builder.Protocol.Values;

namespace Builder.Web.Html;

/// <summary>Numbers, times and sizes as people read them. Machines get the exact ones elsewhere.</summary>
internal static class Wording
{
    /// <summary>Beyond it there are dates instead of distances.</summary>
    private static readonly TimeSpan FarAway = TimeSpan.FromDays(60);

    /// <summary>What is less far away than this is now.</summary>
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(45);

    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 build", "15,503 builds".</summary>
    public static string Count(long number, string noun) => $"{Count(number)} {noun}{(number == 1 ? "" : "s")}";

    /// <summary>"3 failures", and "1,000+ failures" where they were counted no further.</summary>
    public static string CountUpTo(int most, int number, string noun) => number < most ? Count(number, noun) : $"{Count(most)}+ {noun}s";

    /// <summary>Decimal units, three significant digits at most below ten: 115 B, 7.1 kB, 53 kB, 8.4 MB.</summary>
    public static string Bytes(long bytes)
    {
        var size = Math.Abs((double)bytes);
        var unit = 0;
        // 999.5 would be shown as 1000, so it is already the next unit's.
        while (size >= 999.5 && unit < Units.Length - 1)
        {
            size /= 1000;
            unit++;
        }
        var digits = unit == 0 || size >= 99.95 ? "0" : "0.#";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(bytes < 0 ? "−" : "")}{size.ToString(digits, CultureInfo.InvariantCulture)} {Units[unit]}"
        );
    }

    /// <summary>With its sign: +12.3 kB, −3 B, ±0.</summary>
    public static string BytesChange(long bytes) =>
        bytes switch
        {
            0 => "±0",
            > 0 => "+" + Bytes(bytes),
            _ => Bytes(bytes),
        };

    /// <summary>The two largest units that matter: 38 ms, 0.4 s, 12 s, 5 min 2 s, 3 h 7 min, 2 d 4 h.</summary>
    public static string Duration(TimeSpan span)
    {
        if (span < TimeSpan.Zero)
            return "−" + Duration(span.Negate());
        if (span < TimeSpan.FromMilliseconds(99.5) && span >= TimeSpan.FromMilliseconds(0.5))
            return string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms");
        if (span < TimeSpan.FromSeconds(10))
            return span.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s";
        if (span < TimeSpan.FromMinutes(1))
            return string.Create(CultureInfo.InvariantCulture, $"{span.Seconds} s");
        if (span < TimeSpan.FromHours(1))
            return Two(span.Minutes, "min", span.Seconds, "s");
        return span < TimeSpan.FromDays(1) ? Two(span.Hours, "h", span.Minutes, "min") : Two(span.Days, "d", span.Hours, "h");

        static string Two(int large, string largeUnit, int small, string smallUnit) =>
            small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";
    }

    /// <summary>How long ago, or how soon; beyond two months the date itself says more. Also until when that is the right thing to say.</summary>
    public static (string Text, Timestamp Until) Relative(Timestamp time, Timestamp now)
    {
        var isPast = time <= now;
        var size = (now - time).Duration();
        if (size > FarAway)
            return (Date(time), isPast ? Timestamp.Never : time + FarAway.Negate());
        if (size < Now)
            return isPast ? ("just now", time + Now) : ("now", time);
        var (unit, least, name) =
            size.TotalMinutes < 59.5 ? (TimeSpan.FromMinutes(1), Now, "min")
            : size.TotalHours < 23.5 ? (TimeSpan.FromHours(1), TimeSpan.FromMinutes(59.5), "h")
            : (TimeSpan.FromDays(1), TimeSpan.FromHours(23.5), "d");
        var count = Math.Max(1, (int)Math.Round(size / unit));
        return isPast
            ? ($"{count} {name} ago", time + Min(FarAway, unit * (count + 0.5)))
            : ($"in {count} {name}", time + Max(least, unit * (count - 0.5)).Negate());

        static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
        static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
    }

    /// <summary>14 Nov 2026.</summary>
    public static string Date(Timestamp time) => Calendar(time).ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>14 Nov 2026, 06:00.</summary>
    public static string Moment(Timestamp time) => Calendar(time).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    /// <summary>14 Nov 2026, 06:00:00 UTC.</summary>
    public static string Exact(Timestamp time) => Calendar(time).ToString("d MMM yyyy, HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>RFC 3339 to the second, as the JSON of this site has always had it.</summary>
    public static string Rfc3339(Timestamp time) => Calendar(time).ToString("yyyy-MM-dd'T'HH:mm:ss'-00:00'", CultureInfo.InvariantCulture);

    /// <summary>The wire can say years 0 and beyond 9999, the calendar of the platform cannot.</summary>
    public static DateTimeOffset Calendar(Timestamp time)
    {
        var lowest = Timestamp.From(DateTimeOffset.MinValue);
        var highest = Timestamp.From(DateTimeOffset.MaxValue);
        return (
            time < lowest ? lowest
            : time > highest ? highest
            : time
        ).ToDateTimeOffset();
    }
}

using System.Globalization;

namespace Builder.Protocol.Text;

/// <summary>Lengths of time as people write them: 90 or 90s, 30m, 2h, 1d.</summary>
public static class DurationText
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <returns>False where it is not such a length, or is longer than 30 days.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        var unit = text.Length == 0 ? ' ' : text[^1];
        var seconds = unit switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            _ => 0,
        };
        duration = default;
        if (
            !double.TryParse(seconds == 0 ? text : text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        )
            return false;
        if (!(number > 0 && number * Math.Max(1, seconds) <= Longest.TotalSeconds))
            return false;
        duration = TimeSpan.FromSeconds(number * Math.Max(1, seconds));
        return true;
    }
}

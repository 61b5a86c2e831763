namespace Builder.Analysis.Difference.Containers;

/// <summary>A field of a member's header.</summary>
/// <param name="Kind">The cause where it differs; null where the two values decide.</param>
internal sealed record MemberField(string Name, string Value, CauseKind? Kind, string? Fix = null)
{
    public static string Time(long epochSeconds, int nanoseconds = 0)
    {
        if (epochSeconds is < -62_135_596_800 or > 253_402_300_799)
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{epochSeconds} s");
        var time = DateTimeOffset
            .FromUnixTimeSeconds(epochSeconds)
            .ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
        return nanoseconds == 0 ? time : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time}.{nanoseconds:d9}");
    }

    public static string Octal(long mode) => $"0{Convert.ToString(mode, 8)}";
}

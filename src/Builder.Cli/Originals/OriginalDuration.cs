namespace Builder.Cli.Originals;

/// <summary>Lengths of time as the original programs print them: the two largest units, as in <c>867.000ms</c>, <c>4.001s</c>, <c>1m07s</c>, <c>2h05m</c>, <c>1d00h</c>.</summary>
internal static class OriginalDuration
{
    private const long Second = 1_000_000_000;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
    private const long Year = 365 * Day;

    /// <param name="nanoseconds">Negative ones, which a faulty server could send, are shown as 0.</param>
    public static string Text(long nanoseconds)
    {
        var time = Math.Max(0, nanoseconds);
        FormattableString text = time switch
        {
            >= Year => $"{time / Year}a{time % Year / Day}d",
            >= Day => $"{time / Day}d{time % Day / Hour:00}h",
            >= Hour => $"{time / Hour}h{time % Hour / Minute:00}m",
            >= Minute => $"{time / Minute}m{time % Minute / Second:00}s",
            >= Second => $"{time / Second}.{time % Second / 1_000_000:000}s",
            >= 1_000_000 => $"{time / 1_000_000}.{time % 1_000_000 / 1000:000}ms",
            _ => $"{time / 1000}.{time % 1000:000}\u03BCs",
        };
        return FormattableString.Invariant(text);
    }
}

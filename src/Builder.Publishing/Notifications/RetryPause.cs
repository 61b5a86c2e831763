namespace Builder.Publishing.Notifications;

/// <summary>How long after a failure the next attempt is: five seconds first, growing to an hour.</summary>
internal static class RetryPause
{
    /// <summary>An event that failed for so long is not tried again.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(3);

    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);
    private const int Growth = 3;
    private const int MaxStep = 7;

    /// <param name="attempts">Failed ones in a row before this one.</param>
    /// <param name="chance">From 0 to 1: targets that failed together are not tried together.</param>
    /// <param name="wish">What the target asked for.</param>
    public static TimeSpan After(int attempts, double chance, TimeSpan? wish)
    {
        var pause = Shortest * Math.Pow(Growth, Math.Min(attempts, MaxStep)) * (0.8 + (0.4 * chance));
        var asked = wish is { } span && span > pause ? span : pause;
        return asked < Longest ? asked : Longest;
    }
}

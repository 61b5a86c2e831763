namespace Builder.Publishing.Channels;

/// <summary>How an attempt to tell a target ended.</summary>
public abstract record Delivery
{
    private Delivery() { }

    public static Delivery Done { get; } = new Delivered();

    /// <summary>The target has it.</summary>
    public sealed record Delivered : Delivery;

    /// <summary>It is tried again.</summary>
    /// <param name="After">The target's wish; null where it has none.</param>
    public sealed record Retry(string Problem, TimeSpan? After = null) : Delivery;

    /// <summary>The target does not want this one, now or later.</summary>
    public sealed record Refused(string Problem) : Delivery;
}

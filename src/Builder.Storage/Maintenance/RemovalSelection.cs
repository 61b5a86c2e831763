using Builder.Protocol.Values;

namespace Builder.Storage.Maintenance;

/// <summary>Which builds are to be removed.</summary>
public abstract record RemovalSelection
{
    private RemovalSelection() { }

    /// <summary>Only these jobs; all where empty.</summary>
    public IReadOnlyList<JobName> Jobs { get; init; } = [];

    /// <summary>Only this platform; all where null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>
    /// Whether counts are the original's: by job alone instead of by job and platform, and <see cref="ExceptLatestSuccessful"/> keeps one success more.
    /// </summary>
    public bool CountsAsOriginal { get; init; }

    /// <summary>Builds that started before the moment.</summary>
    public sealed record OlderThan(Timestamp Moment) : RemovalSelection;

    /// <summary>All but the newest <paramref name="Count"/> of each job and platform.</summary>
    public sealed record ExceptLatest(int Count) : RemovalSelection;

    /// <summary>Of each job and platform, what is older than its newest <paramref name="Count"/> successful builds; nothing where there are fewer.</summary>
    public sealed record ExceptLatestSuccessful(int Count) : RemovalSelection;

    /// <summary>Every build.</summary>
    public sealed record Everything : RemovalSelection;
}

namespace Builder.Storage.Outbox;

/// <summary>How far a target is.</summary>
/// <param name="Position">The last event that is done with.</param>
/// <param name="Attempts">Failed ones in a row.</param>
/// <param name="FailingSince">When the first of them was; null where the last attempt succeeded.</param>
/// <param name="Due">Not before.</param>
/// <param name="Problem">Why the last attempt failed; null where it succeeded.</param>
/// <param name="Delivered">How many events were delivered in all.</param>
/// <param name="IsLeased">A process is at work on it.</param>
public sealed record TargetState(
    string Name,
    long Position,
    int Attempts,
    DateTimeOffset? FailingSince,
    DateTimeOffset Due,
    string? Problem,
    long Delivered,
    DateTimeOffset? LastDelivered,
    bool IsLeased
);

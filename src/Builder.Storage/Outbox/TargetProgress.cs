namespace Builder.Storage.Outbox;

/// <summary>How far a sender came with a target.</summary>
/// <param name="Position">The last event that is done with, and all before it.</param>
/// <param name="Delivered">How many were delivered since the last note.</param>
/// <param name="SetAside">Events up to the position that become dead letters, and why.</param>
/// <param name="HasAnswered">The target works, whatever it answered.</param>
public sealed record TargetProgress(long Position, int Delivered, IReadOnlyList<(long Event, string Problem)> SetAside, bool HasAnswered);

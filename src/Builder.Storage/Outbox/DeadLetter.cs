namespace Builder.Storage.Outbox;

/// <summary>An event that a target refused, or that could not be delivered for too long.</summary>
/// <param name="Event">The event's id.</param>
/// <param name="IsDue">An operator wants it sent again.</param>
public sealed record DeadLetter(string Target, long Event, string Kind, string? Job, string Problem, DateTimeOffset Since, bool IsDue);

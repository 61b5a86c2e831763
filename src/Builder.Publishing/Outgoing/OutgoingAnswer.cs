namespace Builder.Publishing.Outgoing;

/// <summary>What a receiver answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Beginning">The first bytes of the answer as text.</param>
/// <param name="RetryAfter">When it wants the next attempt; null where it does not say.</param>
public sealed record OutgoingAnswer(int Status, string Beginning, TimeSpan? RetryAfter);

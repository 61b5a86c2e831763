using Builder.Protocol.Values;

namespace Builder.Storage.Outbox;

/// <summary>A recorded event.</summary>
/// <param name="Id">Rises with the order in which events were recorded.</param>
/// <param name="Data">A JSON object.</param>
public sealed record OutboxEvent(
    long Id,
    string Key,
    string Kind,
    string? Job,
    string? Platform,
    BuildUuid? Build,
    string Data,
    DateTimeOffset Created
);

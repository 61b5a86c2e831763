namespace Builder.Storage.Leases;

/// <summary>A web process that said that it lives.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Seen">When it was heard of last, by the database's clock.</param>
/// <param name="IsAlive">Heard of within the time of a lease.</param>
public sealed record WebProcess(
    string Id,
    string Host,
    int ProcessId,
    string Version,
    string Address,
    DateTimeOffset Started,
    DateTimeOffset Seen,
    bool IsAlive
);

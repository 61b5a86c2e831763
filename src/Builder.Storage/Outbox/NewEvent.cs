using Builder.Protocol.Values;

namespace Builder.Storage.Outbox;

/// <summary>What happened, to be told to all targets that want to know.</summary>
/// <param name="Key">Names the occurrence: it is recorded once, however often it is found.</param>
/// <param name="Kind">One of <see cref="EventKind"/>.</param>
/// <param name="Job">Null where it is about no job.</param>
/// <param name="Data">A JSON object.</param>
public sealed record NewEvent(string Key, string Kind, string? Job, string? Platform, BuildUuid? Build, string Data);

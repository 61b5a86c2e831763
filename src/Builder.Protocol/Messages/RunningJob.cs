using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>A job that a worker has in hand.</summary>
public sealed record RunningJob(Timestamp Started, BuildUuid Uuid, ScriptJob Job);

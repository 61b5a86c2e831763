using Builder.Protocol.Values;
using Builder.Storage.Values;

namespace Builder.Storage.Maintenance;

/// <summary>A build that a selection hits.</summary>
public sealed record RemovableBuild(BuildId Id, string Job, BuildUuid Uuid, string Platform, Timestamp Started, bool IsSuccessful);

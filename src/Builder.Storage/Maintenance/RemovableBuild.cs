using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Database;

namespace Builder.Storage.Maintenance;

/// <summary>A build that a selection hits.</summary>
public sealed record RemovableBuild(BuildId Id, string Job, BuildUuid Uuid, string Platform, Timestamp Started, bool IsSuccessful);

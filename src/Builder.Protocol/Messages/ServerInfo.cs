using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>What a server answers to <see cref="Command.Info"/>.</summary>
public sealed record ServerInfo(
    IReadOnlyList<ScheduleItem> Schedule,
    IReadOnlyList<PlatformQueue> Queues,
    IReadOnlyList<RunningJob> Running,
    IReadOnlyList<ByteString> DroppedPlatforms
);

using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>The jobs waiting for a worker of one platform, head first.</summary>
public sealed record PlatformQueue(ByteString Platform, IReadOnlyList<Job> Jobs);

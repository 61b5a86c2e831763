using Builder.Protocol.Values;

namespace Builder.Server.Dispatch;

/// <summary>When a worker was last heard of.</summary>
/// <param name="Version">Of its program; null where it does not tell.</param>
internal sealed record SeenWorker(string Name, string Platform, string? Version, Timestamp LastSeen);

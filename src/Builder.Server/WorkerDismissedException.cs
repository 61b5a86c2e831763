using Builder.Protocol;

namespace Builder.Server;

/// <summary>A waiting worker is sent away: its platform was dropped.</summary>
internal sealed class WorkerDismissedException(Platform platform) : Exception($"platform {platform} is dropped");

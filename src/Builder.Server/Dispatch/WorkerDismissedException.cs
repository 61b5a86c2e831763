using Builder.Protocol.Values;

namespace Builder.Server.Dispatch;

/// <summary>A worker is sent away: its platform was dropped, or is one too many.</summary>
internal sealed class WorkerDismissedException(string reason) : Exception(reason)
{
    public WorkerDismissedException(Platform platform)
        : this($"platform {platform} is dropped") { }
}

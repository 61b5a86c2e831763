using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Dispatch;

/// <summary>A worker that has asked for a job and did not get one yet.</summary>
internal sealed class WaitingWorker(Platform platform, string name, IsolationTier? isolation, Timestamp since)
{
    public Platform Platform { get; } = platform;

    public string Name { get; } = name;

    /// <summary>Null where the worker does not say.</summary>
    public IsolationTier? Isolation { get; } = isolation;

    /// <summary>What it can vary in repetitions; null where it does not know variations.</summary>
    public Variations? Variations { get; init; }

    /// <summary>Whether it can come back to a lease after it lost the connection.</summary>
    public bool CanResume { get; init; }

    public Timestamp Since { get; } = since;

    public TaskCompletionSource<Lease> Lease { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

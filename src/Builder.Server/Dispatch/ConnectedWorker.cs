using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Dispatch;

/// <summary>A worker that the server knows at present.</summary>
/// <param name="Isolation">Null where it does not say: an original worker, or one of ours without <c>--extended</c>.</param>
/// <param name="Lease">What it builds; null while it waits.</param>
internal sealed record ConnectedWorker(string Name, Platform Platform, IsolationTier? Isolation, Lease? Lease)
{
    /// <summary>Since when it waits, or builds.</summary>
    public Timestamp Since { get; init; }

    /// <summary>What it can vary in repetitions; null where it does not know variations.</summary>
    public Variations? Variations { get; init; }

    /// <summary>It gets no more jobs.</summary>
    public bool IsDrained { get; init; }
}

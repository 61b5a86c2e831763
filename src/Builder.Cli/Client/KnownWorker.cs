using Builder.Protocol.Values;

namespace Builder.Cli.Client;

/// <summary>A worker that waits or builds.</summary>
/// <param name="Isolation">Null where the worker does not tell.</param>
/// <param name="Job">Null while it waits.</param>
internal sealed record KnownWorker(string Name, string Platform, IsolationTier? Isolation, string? Job)
{
    /// <summary>It gets no more jobs.</summary>
    public bool IsDrained { get; init; }
}

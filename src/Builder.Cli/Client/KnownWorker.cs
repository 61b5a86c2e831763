using Builder.Protocol.Values;

namespace Builder.Cli.Client;

/// <summary>A worker that waits or builds.</summary>
/// <param name="Isolation">Null where the worker does not tell.</param>
/// <param name="Job">Null while it waits.</param>
internal sealed record KnownWorker(string Name, string Platform, IsolationTier? Isolation, string? Job)
{
    /// <summary>Of its program; null where it does not tell.</summary>
    public string? Version { get; init; }

    /// <summary>When the server last heard of it; null where the server does not tell.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>It gets no more jobs.</summary>
    public bool IsDrained { get; init; }
}

using Builder.Protocol.Values;

namespace Builder.Web.Live;

/// <summary>A worker that the build server knows at present.</summary>
/// <param name="Isolation">Null where the worker does not tell.</param>
/// <param name="Job">What it builds; null while it waits.</param>
public sealed record ServerWorker(string Name, string Platform, IsolationTier? Isolation, string? Job)
{
    /// <summary>The name without the address, by which it is drained; null where the server does not tell.</summary>
    public string? StableName { get; init; }

    /// <summary>Since when it waits, or builds; null where the server does not tell.</summary>
    public Timestamp? Since { get; init; }

    /// <summary>Of its program; null where it does not tell.</summary>
    public string? Version { get; init; }

    /// <summary>When the server last heard of it; null where the server does not tell.</summary>
    public Timestamp? LastSeen { get; init; }

    /// <summary>It gets no more jobs.</summary>
    public bool IsDrained { get; init; }

    /// <summary>What the tier means, in a few words for people.</summary>
    public string Protection =>
        Isolation?.Kind switch
        {
            IsolationKind.Sandbox => "sandbox",
            IsolationKind.SandboxSharedProc => "sandbox; jobs see the names of other processes",
            IsolationKind.None => "none: jobs run as the worker's user",
            _ => "unknown: start the worker with --extended",
        };
}

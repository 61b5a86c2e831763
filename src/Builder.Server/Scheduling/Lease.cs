using System.Diagnostics;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>A job in a worker's hands. It ends with exactly one result, or goes back to its queue.</summary>
/// <param name="Attempt">1 for the first worker that gets it.</param>
/// <param name="Worker">For people: the worker's name or address.</param>
public sealed record Lease(
    BuildUuid Uuid,
    JobName Name,
    Platform Platform,
    ScriptJob Job,
    Timestamp Started,
    int Attempt,
    string Worker,
    JobOptions Options
)
{
    /// <summary>How the worker keeps its jobs apart, for as long as this server runs; null where the worker does not say.</summary>
    public IsolationTier? Isolation { get; init; }

    /// <summary>What the worker can vary, for as long as this server runs; null where it does not know variations.</summary>
    public Variations? WorkerVariations { get; init; }

    /// <summary>When the job was queued, for as long as this server runs; null where that is not known any more.</summary>
    public Timestamp? Queued { get; init; }

    /// <summary>Spans of other traces that it comes from, for as long as this server runs.</summary>
    public IReadOnlyList<ActivityContext> Origins { get; init; } = [];

    /// <summary>
    /// The secret by which its worker comes back after it lost the connection, also to another server; empty for a worker that does not know how.
    /// </summary>
    public ByteString Token { get; init; }

    /// <summary>Which build it repeats; null for a build of its own.</summary>
    public Repetition? Repetition { get; init; }
}

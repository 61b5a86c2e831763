using Builder.Analysis.Values;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>A build that is to be built again, with the script, the date and the inputs that it recorded.</summary>
/// <param name="Repeats">The build.</param>
/// <param name="Built">When that finished.</param>
/// <param name="Output">Its main binary.</param>
/// <param name="Date">Its recorded <c>SOURCE_DATE_EPOCH</c>; null where it recorded none.</param>
/// <param name="FirstWorker">Who built it, by <see cref="WorkerNames.Stable"/>.</param>
/// <param name="Since">When this repetition was queued.</param>
public sealed record Repetition(
    BuildUuid Repeats,
    JobName Name,
    Platform Platform,
    ScriptJob Job,
    JobOptions Options,
    Timestamp Built,
    Sha256Digest Output,
    long? Date,
    string FirstWorker,
    Variations Vary,
    Timestamp Since
)
{
    /// <summary>How many more are to come, this one included.</summary>
    public int Remaining { get; init; } = 1;

    /// <summary>How many workers were lost with it.</summary>
    public int Attempts { get; init; }

    /// <summary>Workers that built it already, the first one too, each on a line.</summary>
    public string Workers { get; init; } = FirstWorker;

    /// <summary>Who shall build it, where that worker is there; null for any.</summary>
    public string? OnWorker { get; init; }

    /// <summary>Null where it is no step of a bisection.</summary>
    public Bisection? Bisection { get; init; }

    /// <summary>What the worker is to vary.</summary>
    public Variations Wanted => Bisection?.Tested ?? Vary;

    public bool WasBuiltBy(string worker) => Workers.Split('\n').Contains(worker);
}

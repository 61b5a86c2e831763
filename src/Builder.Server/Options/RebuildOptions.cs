using Builder.Protocol.Values;

namespace Builder.Server.Options;

/// <summary>How successful builds are built again, where a job's schedule does not say otherwise.</summary>
public sealed record RebuildOptions
{
    /// <summary>How often each build is repeated. 0.</summary>
    public int Rebuilds { get; init; }

    /// <summary>What workers change in repetitions. None.</summary>
    public Variations Vary { get; init; }

    /// <summary>
    /// Largest share of a platform's workers, in percent, that build repetitions at one time; one worker may always. 50.
    /// </summary>
    public int MaxSharePercent { get; init; } = 50;

    /// <summary>How many of so many connected workers may build repetitions at one time.</summary>
    internal int MaxWorkers(int connected) => Math.Max(1, (int)((long)connected * MaxSharePercent / 100));
}

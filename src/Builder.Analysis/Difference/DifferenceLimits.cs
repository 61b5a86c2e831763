namespace Builder.Analysis.Difference;

/// <summary>How much a comparison may cost, whatever the input. What is cut is said in <see cref="DifferenceNode.Notices"/>.</summary>
public sealed record DifferenceLimits
{
    /// <summary>Archives in archives.</summary>
    public int MaxDepth { get; init; } = 16;

    /// <summary>Members of all archives together, on both sides.</summary>
    public int MaxMembers { get; init; } = 200_000;

    /// <summary>Bytes that are unpacked in all, on each side.</summary>
    public long MaxExpanded { get; init; } = 4L << 30;

    /// <summary>Unpacked to packed bytes of one level. The first MiB is always unpacked.</summary>
    public int MaxRatio { get; init; } = 1_000;

    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Unpacked content up to this size stays in memory, in bytes; larger content goes to a temporary file.</summary>
    public int MaxInMemory { get; init; } = 1 << 20;

    /// <summary>Unpacked content in memory in all, in bytes.</summary>
    public long MaxInMemoryTotal { get; init; } = 48L << 20;

    /// <summary>A file that must be read whole (text, JSON, catalogues), in bytes; a larger one is compared as bytes.</summary>
    public int MaxLeaf { get; init; } = 8 << 20;

    /// <summary>Nodes of the answer, without those of equal content.</summary>
    public int MaxNodes { get; init; } = 20_000;
}

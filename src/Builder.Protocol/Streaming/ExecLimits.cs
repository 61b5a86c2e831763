namespace Builder.Protocol.Streaming;

/// <summary>What is taken from a build that is read as it comes in.</summary>
public sealed record ExecLimits
{
    public static ExecLimits Default { get; } = new();

    /// <summary>Longest part that is held in memory, in bytes: the job with its script, or one line of the console. 64 MiB.</summary>
    public long MaxElementSize { get; init; } = 64L << 20;

    public ArtifactPaths Paths { get; init; } = ArtifactPaths.Confined;
}

namespace Builder.Analysis.Difference;

/// <summary>What is known about the two builds, and the limits.</summary>
public sealed record DifferenceOptions
{
    public DifferenceLimits Limits { get; init; } = new();

    public BuildFacts Left { get; init; } = new();

    public BuildFacts Right { get; init; } = new();

    /// <summary>Causes that are left out of the answer.</summary>
    public IReadOnlySet<CauseKind> Excluded { get; init; } = new HashSet<CauseKind>();

    /// <summary>Where large unpacked contents lie until the end.</summary>
    public string TemporaryDirectory { get; init; } = System.IO.Path.GetTempPath();

    /// <summary>
    /// Names the type of a file on disk that is no regular one (<c>named pipe</c>, <c>socket</c>, <c>character device</c>); null for a regular file.
    /// Only the operating system's own calls tell; without this, special files count as empty ones.
    /// </summary>
    public Func<string, string?>? SpecialFileType { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

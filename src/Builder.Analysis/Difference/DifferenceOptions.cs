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

    /// <summary>Types and owners of files in directories; without it special files count as empty ones and owners are not compared.</summary>
    public Func<string, FileFacts?>? FactsOfFile { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

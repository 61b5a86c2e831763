using Builder.Protocol.Values;

namespace Builder.Worker.Local;

/// <summary>How a script ended on this machine.</summary>
/// <param name="Tier">What kept it apart from the machine.</param>
/// <param name="Artifacts">The files it left, in the order of their paths.</param>
public sealed record LocalBuildResult(
    ExecutionResult Result,
    IsolationTier Tier,
    IReadOnlyList<ArtifactPath> Artifacts,
    DateTimeOffset Started,
    DateTimeOffset Finished
)
{
    /// <summary>What was varied, and why not the rest.</summary>
    public VariationReport Variations { get; init; } = VariationReport.None;

    public bool Succeeded => Result == new ExecutionResult.Exited(0);
}

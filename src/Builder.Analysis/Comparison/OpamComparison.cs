using System.Collections.Immutable;

namespace Builder.Analysis.Comparison;

/// <summary>Two switch exports side by side; each list in the order of the names.</summary>
/// <param name="Changed">Same version, other opam file; those that are effectively equal among them.</param>
public sealed record OpamComparison(
    ImmutableArray<NamedVersion> OnlyLeft,
    ImmutableArray<NamedVersion> OnlyRight,
    ImmutableArray<VersionChange> OtherVersion,
    ImmutableArray<OpamFileChange> Changed,
    DuniverseComparison Duniverse
)
{
    /// <summary>What of it each root reaches, in the order of the names; empty where both sides have at most one.</summary>
    public ImmutableArray<RootComparison> Roots { get; init; } = [];
}

using System.Collections.Immutable;

namespace Builder.Analysis.Comparison;

/// <summary>Two environments, or two lists of system packages, side by side; each list in the order of the names.</summary>
public sealed record NamedVersionComparison(
    ImmutableArray<NamedVersion> OnlyLeft,
    ImmutableArray<NamedVersion> OnlyRight,
    ImmutableArray<VersionChange> Changed)
{
    public static NamedVersionComparison Empty { get; } = new([], [], []);

    public int Count => OnlyLeft.Length + OnlyRight.Length + Changed.Length;
}

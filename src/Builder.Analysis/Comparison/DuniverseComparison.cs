using System.Collections.Immutable;

namespace Builder.Analysis.Comparison;

/// <summary>The directories that <c>opam monorepo</c> vendors, side by side, in the order of their names.</summary>
/// <param name="Problem">Why a side could not be read; the lists are empty then.</param>
public sealed record DuniverseComparison(
    ImmutableArray<DuniverseDirectory> OnlyLeft,
    ImmutableArray<DuniverseDirectory> OnlyRight,
    ImmutableArray<DuniverseChange> Changed,
    string? Problem = null
)
{
    public static DuniverseComparison Empty { get; } = new([], [], []);

    public int Count => OnlyLeft.Length + OnlyRight.Length + Changed.Length;
}

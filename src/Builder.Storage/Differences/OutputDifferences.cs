using Builder.Analysis.Difference;

namespace Builder.Storage.Differences;

/// <summary>What is known of an output and the other outputs of the same inputs.</summary>
/// <param name="All">The one that says most first: with a result, then under way, then given up; the latest of each first. Never empty.</param>
public sealed record OutputDifferences(IReadOnlyList<StoredDifference> All)
{
    public StoredDifference Shown => All[0];

    /// <summary>True where each difference is known in full and every cause of it is expected.</summary>
    public bool AreCoveredBy(IReadOnlyList<ExpectedDifference> expected) =>
        expected.Count > 0
        && All.All(difference =>
            difference.Causes is { Count: > 0 and < StoredDifference.MaxCauses } causes
            && causes.All(cause => expected.Any(one => one.Covers(cause)))
        );
}

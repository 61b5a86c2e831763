using Builder.Web.Builds;

namespace Builder.Web.Difference;

/// <summary>Why two builds differ: kept from an earlier computation, or computed in the background.</summary>
internal interface IDifferences
{
    /// <summary>The answer as far as it is known now. Where nothing is known yet, the computation starts, and a later call has the result.</summary>
    /// <param name="leftFiles">All artifacts of <paramref name="left"/>; recorded inputs are left out of the comparison.</param>
    /// <param name="rightFiles">All artifacts of <paramref name="right"/>.</param>
    ValueTask<DifferenceAnswer> FindOrStartAsync(
        BuildFacts left,
        IReadOnlyList<ArtifactFacts> leftFiles,
        BuildFacts right,
        IReadOnlyList<ArtifactFacts> rightFiles,
        CancellationToken cancellationToken
    );
}

namespace Builder.Analysis.Difference;

/// <param name="Causes">The strongest first, places of the same kind folded into one.</param>
/// <param name="Root">Null where both sides are the same.</param>
public sealed record DifferenceResult(ComparedFile Left, ComparedFile Right, IReadOnlyList<Cause> Causes, DifferenceNode? Root)
{
    public bool IsSame => Root is null;
}

using Builder.Analysis.Difference;

namespace Builder.Web.Difference;

/// <param name="Whole">All artifacts.</param>
/// <param name="OfMain">The causes in the main binaries alone: the reason beside the verdict.</param>
internal sealed record BuildDifference(DifferenceResult Whole, IReadOnlyList<Cause> OfMain);

using Builder.Protocol.Values;

namespace Builder.Storage.Repetitions;

/// <summary>Repetitions of one output that have all of this in common.</summary>
/// <param name="Agrees">They came to the output that they repeat.</param>
public sealed record RepetitionGroup(bool Agrees, string Worker, string FirstWorker, VariationReport Variations, BisectionFinding? Finding);

using Builder.Analysis.Values;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>What the server has to know of a finished build to have it repeated.</summary>
/// <param name="Output">SHA-256 of its main binary; null where it failed or left none.</param>
/// <param name="Date">Its recorded <c>SOURCE_DATE_EPOCH</c>.</param>
/// <param name="Variations">What the worker varied; null where it did not say.</param>
public sealed record Outcome(Sha256Digest? Output, long? Date = null, VariationReport? Variations = null)
{
    /// <summary>Where it goes over its budget; not kept with the build.</summary>
    public IReadOnlyList<BudgetExcess> Over { get; init; } = [];

    public static Outcome None { get; } = new((Sha256Digest?)null);
}

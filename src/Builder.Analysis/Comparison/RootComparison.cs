using System.Collections.Immutable;

namespace Builder.Analysis.Comparison;

/// <summary>What of a comparison concerns one root package: the changed packages that it reaches, on either side.</summary>
/// <param name="Left">Its version there; null where it is no root of that side.</param>
/// <param name="Right">Its version there; null where it is no root of that side.</param>
/// <param name="Changed">
/// Names of packages that came, went, have another version, or an opam file that is not equal in effect. Not known, and null, where
/// there are more roots than each can be walked for.
/// </param>
public sealed record RootComparison(string Name, string? Left, string? Right, ImmutableArray<string>? Changed);

using Builder.Analysis.Advisories;

namespace Builder.Proof.Sbom;

/// <summary>An advisory that names a package of a build.</summary>
/// <param name="NotAffectedBecause">What the operator said; null where nobody said that the build is not affected.</param>
/// <param name="SaidAt">When; null as well.</param>
public sealed record VexStatement(AdvisoryMatch Match, string? NotAffectedBecause, DateTimeOffset? SaidAt);

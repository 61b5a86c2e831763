using Builder.Analysis.Advisories;

namespace Builder.Web.Find;

/// <summary>Where a package is.</summary>
/// <param name="Versions">All that are known, the newest first, whatever was asked for.</param>
/// <param name="Places">With a version that was asked for: those whose latest build has one first, then by name.</param>
public sealed record PackageAnswer(
    PackageExpression Expression,
    IReadOnlyList<PackageVersionCount> Versions,
    IReadOnlyList<PackagePlace> Places
);

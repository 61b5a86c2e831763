namespace Builder.Analysis.Advisories;

/// <summary>A package that a build contains.</summary>
/// <param name="Version">Null where it is contained, but no source says in which version.</param>
public sealed record ContainedPackage(Ecosystem Ecosystem, string Name, string? Version, PackageWay Way);

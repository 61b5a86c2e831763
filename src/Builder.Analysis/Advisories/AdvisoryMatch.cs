namespace Builder.Analysis.Advisories;

/// <summary>An advisory and a package that it says is affected.</summary>
/// <param name="Fixed">The first version without the fault, as far as the advisory says.</param>
/// <param name="IsModuleLinked">Whether an affected module is in the binary; null where that cannot be told.</param>
public sealed record AdvisoryMatch(Advisory Advisory, ContainedPackage Package, string? Fixed, bool? IsModuleLinked = null);

using System.Collections.Immutable;

namespace Builder.Analysis.Advisories;

/// <summary>What one artifact of a build says that the build contains.</summary>
/// <param name="Problems">What of it could not be read, a sentence each: then packages may be missing.</param>
public sealed record PackageSet(ImmutableArray<ContainedPackage> Packages, ImmutableArray<string> Problems)
{
    public const int MaxPackages = 100_000;
}

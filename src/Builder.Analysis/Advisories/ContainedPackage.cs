using Builder.Analysis.Packages;

namespace Builder.Analysis.Advisories;

/// <summary>A package that a build contains.</summary>
/// <param name="Version">Null where it is contained, but no source says in which version.</param>
public sealed record ContainedPackage(Ecosystem Ecosystem, string Name, string? Version, PackageWay Way)
{
    /// <summary>Its name outside. FreeBSD has no type of its own.</summary>
    public PackageUrl Url =>
        Ecosystem switch
        {
            Ecosystem.Opam => PackageUrl.Opam(Name, Version),
            Ecosystem.Debian => PackageUrl.Debian("debian", Name, Version, null, null),
            Ecosystem.Cargo => PackageUrl.Cargo(Name, Version),
            Ecosystem.Go => PackageUrl.Go(Name, Version),
            _ => PackageUrl.Generic(Name, Version),
        };
}

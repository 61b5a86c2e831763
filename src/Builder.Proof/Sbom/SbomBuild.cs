using System.Collections.Immutable;
using Builder.Analysis.Comparison;
using Builder.Analysis.Elf;
using Builder.Analysis.Opam;
using Builder.Analysis.Packages;

namespace Builder.Proof.Sbom;

/// <summary>What an SBOM is made of: a build and what it recorded of its inputs. Equal values give equal bytes.</summary>
public sealed record SbomBuild
{
    public required string Job { get; init; }

    public required Guid Uuid { get; init; }

    public required string Platform { get; init; }

    /// <summary>Null for a year that .NET does not have.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>Null for a year that .NET does not have.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>The main binary.</summary>
    public required SbomFile Main { get; init; }

    public Solo5? Unikernel { get; init; }

    /// <summary>Null where the build recorded none, or one that cannot be read.</summary>
    public SwitchExport? Switch { get; init; }

    public ImmutableArray<NamedVersion> SystemPackages { get; init; } = [];

    /// <summary>Source files that the build named with their hashes.</summary>
    public ImmutableArray<SbomFile> Inputs { get; init; } = [];

    /// <summary>Null where the binary does not say.</summary>
    public LinkedModules? Linked { get; init; }

    /// <summary>Address of the build's page, such as <c>https://builds.example.org/job/hello/build/UUID</c>; null where nobody said one.</summary>
    public Uri? Page { get; init; }

    public ImmutableArray<SbomVulnerability> Vulnerabilities { get; init; } = [];
}

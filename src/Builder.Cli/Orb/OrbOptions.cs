using Builder.Analysis.Opam;

namespace Builder.Cli.Orb;

/// <summary>What the command line of <c>builder orb build</c> says.</summary>
internal sealed record OrbOptions
{
    public required OrbPackage Package { get; init; }

    public IReadOnlyList<OpamRepository> Repositories { get; init; } = [OpamRepository.Default];

    /// <summary>A name, or the absolute path of the switch.</summary>
    public string SwitchName { get; init; } = "orb";

    /// <summary>SOURCE_DATE_EPOCH; null for now.</summary>
    public long? Date { get; init; }

    public string Out { get; init; } = ".";

    public int? SolverTimeout { get; init; }

    /// <summary>Where opam looks for archives first; null for their own addresses only.</summary>
    public Uri? Cache { get; init; }

    public bool DisableSandboxing { get; init; }

    public bool SkipSystem { get; init; }

    public bool Latest { get; init; }

    public bool Twice { get; init; }

    public bool KeepBuildDirectory { get; init; }
}

namespace Builder.Cli.Orb;

/// <summary>What the command line of <c>builder orb rebuild</c> says.</summary>
internal sealed record OrbRebuildOptions
{
    /// <summary>What an opam build left.</summary>
    public required string Directory { get; init; }

    /// <summary>Null to keep nothing.</summary>
    public string? Out { get; init; }

    public bool IgnoresEnvironment { get; init; }

    public bool SkipsSystem { get; init; }

    public bool DisableSandboxing { get; init; }

    /// <summary>The opam root of the first build is still there, to be used again.</summary>
    public bool HasRoot { get; init; }
}

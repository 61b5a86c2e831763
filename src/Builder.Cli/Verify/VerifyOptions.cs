namespace Builder.Cli.Verify;

/// <summary>What the command line of <c>builder verify</c> says.</summary>
internal sealed record VerifyOptions
{
    /// <summary>A file, or the address of an artifact or a build.</summary>
    public required string Target { get; init; }

    /// <summary>The target, where its hash is known already; null to read it.</summary>
    public VerifyTarget? Known { get; init; }

    public Uri? Site { get; init; }

    public IReadOnlyList<string> Keys { get; init; } = [];

    public string? TrustedRoot { get; init; }

    public string? Policy { get; init; }

    public int? Quorum { get; init; }

    public IReadOnlyList<string> Offline { get; init; } = [];

    public bool IsJson { get; init; }

    /// <summary>Where known sites are kept.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Answers instead of the network; null for the network.</summary>
    public HttpMessageHandler? Network { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

using Builder.Cli.Diff;
using Builder.Protocol.Values;
using Builder.Worker.Options;

namespace Builder.Cli.Reproduce;

/// <summary>What the command line of <c>builder reproduce</c> says.</summary>
internal sealed record ReproduceOptions
{
    /// <summary>A build on a site.</summary>
    public required SiteUrl Url { get; init; }

    public required IsolationOptions Isolation { get; init; }

    public TimeSpan TimeLimit { get; init; }

    /// <summary>What is to be varied, as far as this machine can.</summary>
    public Variations Vary { get; init; }

    /// <summary>A private key (PEM) that signs the result for the site; null to tell the site nothing.</summary>
    public string? AttestationKey { get; init; }

    /// <summary>Where to keep what was built; null to keep nothing.</summary>
    public string? Output { get; init; }

    /// <summary>Public keys that are believed, files each; none to believe the site's own list.</summary>
    public IReadOnlyList<string> TrustedKeys { get; init; } = [];
}

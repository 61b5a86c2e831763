using Builder.Cli.Diff;
using Builder.Worker.Options;

namespace Builder.Cli.Reproduce;

/// <summary>What the command line of <c>builder reproduce</c> says.</summary>
internal sealed record ReproduceOptions
{
    /// <summary>A build on a site.</summary>
    public required SiteUrl Url { get; init; }

    public required IsolationOptions Isolation { get; init; }

    public TimeSpan TimeLimit { get; init; }

    /// <summary>Where to keep what was built; null to keep nothing.</summary>
    public string? Output { get; init; }

    /// <summary>Public keys that are believed, files each; none to believe the site's own list.</summary>
    public IReadOnlyList<string> TrustedKeys { get; init; } = [];
}

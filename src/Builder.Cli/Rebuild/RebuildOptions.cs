using Builder.Worker.Options;

namespace Builder.Cli.Rebuild;

/// <summary>What the command line of <c>builder rebuild</c> says.</summary>
internal sealed record RebuildOptions
{
    public required Uri Site { get; init; }

    /// <summary>Names of jobs, with <c>*</c> and <c>?</c>; null for all.</summary>
    public string? Job { get; init; }

    public string? Platform { get; init; }

    /// <summary>The private key; null for one in the state directory.</summary>
    public string? Key { get; init; }

    /// <summary>Ends when all that is there is done.</summary>
    public bool Once { get; init; }

    /// <summary>At the first visit, builds that finished longer ago are left out.</summary>
    public TimeSpan Since { get; init; } = TimeSpan.FromDays(1);

    public required string StateDirectory { get; init; }

    public required IsolationOptions Isolation { get; init; }

    /// <summary>Of one build.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromHours(1);

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

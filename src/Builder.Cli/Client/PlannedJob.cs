using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Cli.Client;

/// <summary>A job of a schedule file.</summary>
internal sealed record PlannedJob(string Name)
{
    /// <summary>Where it begins in the file.</summary>
    public long Line { get; init; }

    public string? Platform { get; init; }

    public byte[]? Script { get; init; }

    public string? OpamPackage { get; init; }

    public string? Period { get; init; }

    public string? Cron { get; init; }

    public TimeSpan? TimeLimit { get; init; }

    public int? Priority { get; init; }

    public string? Owner { get; init; }

    public ExpectedDifferences Expected { get; init; } = ExpectedDifferences.None;

    public PublishRule? Publish { get; init; }

    public JobBudget? Budget { get; init; }

    public RebuildPolicy Rebuild { get; init; } = RebuildPolicy.Default;

    public JobLimits Limits { get; init; } = JobLimits.None;
}

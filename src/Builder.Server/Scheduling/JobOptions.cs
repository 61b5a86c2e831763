using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>What a job may carry beyond the original's: all of it has a default, so that an original client need not know.</summary>
/// <param name="Priority">-10 to 10; each step doubles the job's share of its platform's workers.</param>
/// <param name="TimeLimit">Null for the server's own.</param>
/// <param name="Owner">Owners share a platform's workers evenly, however many jobs one of them has waiting.</param>
/// <param name="Cron">As in crontab(5), in UTC; takes the place of the period.</param>
/// <param name="Limits">What one execution may take; null for the worker's own limits alone.</param>
public sealed record JobOptions(
    int Priority = 0,
    TimeSpan? TimeLimit = null,
    string Owner = "",
    string? Cron = null,
    JobLimits? Limits = null
)
{
    /// <summary>Differences between builds that do not count against the job.</summary>
    public ExpectedDifferences Expected { get; init; } = ExpectedDifferences.None;

    /// <summary>What has to agree before packages go out; null where they go out as the repository says.</summary>
    public PublishRule? Publish { get; init; }

    /// <summary>How its builds are built again.</summary>
    public RebuildPolicy Rebuild { get; init; } = RebuildPolicy.Default;

    /// <summary>What its builds should keep to; null for anything.</summary>
    public JobBudget? Budget { get; init; }

    public const int HighestPriority = 10;

    public const int LowestPriority = -10;

    public static JobOptions Default { get; } = new();

    /// <summary>The reason why these options cannot be, or null where they can.</summary>
    public string? Refuse()
    {
        if (Priority is < LowestPriority or > HighestPriority)
            return $"priority {Priority} is not between {LowestPriority} and {HighestPriority}";
        if (TimeLimit is { } limit && (limit < TimeSpan.FromSeconds(1) || limit > TimeSpan.FromDays(30)))
            return $"time limit {limit} is not between one second and 30 days";
        if (Owner.Length > 255)
            return "owner is longer than 255 characters";
        if (Rebuild.Refuse() is { } refusal)
            return refusal;
        if (Cron is null)
            return null;
        if (CronSchedule.TryParse(Cron, out var reason) is not { } schedule)
            return $"\"{Cron}\" is not a cron expression: {reason}";
        // Any day will do: what never comes after this one, such as 30 February, never comes.
        return schedule.NextAfter(Timestamp.From(DateTimeOffset.UnixEpoch)) is null
            ? $"the cron expression \"{Cron}\" never comes true"
            : null;
    }
}

using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>An item of the schedule: a job, when it is to be queued next, and how it comes up again.</summary>
/// <param name="Added">When the job was scheduled.</param>
internal sealed record ScheduledJob(JobName Name, Job Job, Period Period, Timestamp Next, Timestamp Added, JobOptions Options)
{
    /// <summary>Null for an orb build job, which has as many platforms as there are templates.</summary>
    public Platform? Platform { get; } =
        Job is ScriptJob script && Platform.TryParse(script.Platform, out var platform, out _) ? platform : null;

    /// <summary>False for what is built only when asked for.</summary>
    public bool Recurs => Options.Cron is not null || Period != Period.Never;

    public ScheduledJob After(Timestamp now) => this with { Next = NextAfter(now, Period, Options.Cron) };

    public static Timestamp NextAfter(Timestamp now, Period period, string? cron)
    {
        if (cron is not null)
        {
            return CronSchedule.Parse(cron).NextAfter(now) ?? Timestamp.Never;
        }
        return period switch
        {
            Period.Hourly => now + TimeSpan.FromHours(1),
            Period.Daily => now + TimeSpan.FromDays(1),
            Period.Weekly => now + TimeSpan.FromDays(7),
            Period.Never => Timestamp.Never,
            _ => throw new ArgumentOutOfRangeException(nameof(period), period, null),
        };
    }
}

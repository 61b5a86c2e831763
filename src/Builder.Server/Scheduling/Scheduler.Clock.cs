using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

internal sealed partial class Scheduler
{
    /// <summary>A clock that is set back by less delays a job by less, which is not worth planning anew.</summary>
    private static readonly TimeSpan SmallestStep = TimeSpan.FromMinutes(1);

    private Timestamp latestLook = new(long.MinValue);

    /// <summary>
    /// To be told at each look at the clock, once a minute at least. Where it was ahead and has been set right, what was planned meanwhile is planned anew: else an hourly job
    /// would not be built for as long as the clock was wrong. A time that a client has set stays.
    /// </summary>
    /// <returns>How many jobs were planned anew.</returns>
    public int FollowClock(Timestamp now)
    {
        var wrong = latestLook;
        latestLook = now;
        if (wrong.Ticks < (now + SmallestStep).Ticks)
            return 0;
        // What was scheduled since the last look is meant too.
        var latest = wrong + SmallestStep;
        var planned = state
            .Jobs.Values.Where(job => job.Recurs)
            .Select(job => (Job: job, job.After(now).Next))
            .Where(plan => plan.Job.Next > plan.Next && plan.Job.Next <= plan.Job.After(latest).Next)
            .ToArray();
        foreach (var (job, next) in planned)
            Do(new SchedulerEvent.NextChanged(job.Name, next, job.Period));
        return planned.Length;
    }
}

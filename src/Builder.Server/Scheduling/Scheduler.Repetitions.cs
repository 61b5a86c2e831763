using Builder.Protocol.Values;
using Builder.Server.Options;

namespace Builder.Server.Scheduling;

internal sealed partial class Scheduler
{
    /// <summary>Repetitions that a worker is compared with before it waits: a long queue must not cost each worker all of it.</summary>
    private const int MaxLookedAt = 256;

    private static readonly TimeSpan RecheckLook = TimeSpan.FromMinutes(1);

    private Timestamp nextRecheckLook = new(long.MinValue);

    public RebuildOptions Rebuilding { get; init; } = new();

    /// <summary>A repetition for a worker for which nothing fresh waits; null where there is none for it, or too many are under way.</summary>
    /// <param name="variations">What it can vary; null where it does not know variations.</param>
    /// <param name="canResume">Whether it can come back to the lease after it lost the connection.</param>
    /// <param name="connected">All workers of the platform, waiting or building.</param>
    public Lease? TakeRepetition(
        Platform platform,
        string worker,
        Timestamp now,
        IsolationTier? isolation,
        Variations? variations,
        IReadOnlyCollection<WorkerChoice> connected,
        bool canResume = false
    )
    {
        var choice = new WorkerChoice(WorkerNames.Stable(worker), variations is not null);
        if (!state.Repetitions.Has(platform) || state.Dropped.ContainsKey(platform))
            return null;
        if (
            state.Leases.Values.Count(lease => lease.Platform == platform && lease.Repetition is not null)
            >= Rebuilding.MaxWorkers(connected.Count)
        )
            return null;
        foreach (var repetition in state.Repetitions.Of(platform).Take(MaxLookedAt))
        {
            if (Hold?.Holds(repetition.Job) == true || !choice.MayTake(repetition, connected))
                continue;
            var lease = new Lease(
                BuildUuid.NewRandom(),
                repetition.Name,
                platform,
                repetition.Job,
                now,
                repetition.Attempts + 1,
                worker,
                repetition.Options
            )
            {
                Queued = repetition.Since,
                Isolation = isolation,
                WorkerVariations = variations,
                Repetition = repetition,
                Token = canResume ? NewToken() : default,
            };
            Do(new SchedulerEvent.LeaseGranted(lease));
            return lease;
        }
        return null;
    }

    /// <summary>Queues a repetition of the last good build of a job, before the others that wait.</summary>
    /// <param name="platform">Null for all platforms that have one.</param>
    /// <param name="vary">Null for what the job's schedule says.</param>
    public string? Repeat(ByteString wanted, ByteString? platform, Variations? vary, Timestamp now)
    {
        if (!JobName.TryParse(wanted, out var name, out var reason))
            return reason;
        Platform? only = null;
        if (platform is { } bytes && !Platform.TryParse(bytes, out only, out reason))
            return reason;
        if (!state.Jobs.ContainsKey(name) && state.FindSuspended(name) is null)
            return "repeat failed: job not found";
        var found = state.GoodBuilds.Values.Where(good => good.Name == name && (only is null || good.Platform == only)).ToArray();
        if (found.Length == 0)
            return $"repeat failed: no good build of {name}{(only is null ? "" : $" on {only}")} is kept; set rebuilds or recheck in its schedule, and build it once";
        foreach (var good in found)
            Do(new SchedulerEvent.RepetitionQueued(good with { Since = now, Vary = vary ?? good.Vary }, AtFront: true));
        return null;
    }

    /// <summary>Queues the good builds whose time to be checked again has come.</summary>
    /// <returns>How many.</returns>
    private int TickRechecks(Timestamp now)
    {
        if (now < nextRecheckLook)
            return 0;
        nextRecheckLook = now + RecheckLook;
        var due = state
            .GoodBuilds.Values.Where(good =>
                state.Jobs.TryGetValue(good.Name, out var job)
                && job.Options.Rebuild.RecheckInterval is { } interval
                && good.Since + interval <= now
            )
            .ToArray();
        foreach (var good in due)
        {
            Do(new SchedulerEvent.GoodBuildKept(good with { Since = now }));
            Do(
                new SchedulerEvent.RepetitionQueued(
                    good with
                    {
                        Since = now,
                        Options = state.Jobs[good.Name].Options,
                        Vary = state.Jobs[good.Name].Options.Rebuild.Vary ?? Rebuilding.Vary,
                    },
                    AtFront: false
                )
            );
        }
        return due.Length;
    }
}

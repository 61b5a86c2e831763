using System.Collections.Concurrent;
using Builder.Protocol.Values;
using Builder.Server.Builds;
using Builder.Server.Logging;
using Builder.Server.Operations;
using Builder.Server.Scheduling;
using Builder.Server.State;
using Builder.Server.Tracing;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Dispatch;

/// <summary>
/// The one place where the scheduler is asked: requests come one at a time, their events go to the journal in order, waiting workers get
/// what has become ready, and the answer is given when all of it is on disk.
/// </summary>
internal sealed partial class Dispatcher(
    Scheduler scheduler,
    IJournal journal,
    BuildStore store,
    InputStore inputs,
    Metrics metrics,
    TimeProvider clock,
    ILogger logger
)
{
    private static readonly TimeSpan DiskTimeout = TimeSpan.FromSeconds(20);

    private readonly Lock gate = new();
    private readonly WaitingWorkers waiting = new();
    private readonly ConcurrentDictionary<BuildUuid, RunningBuild> running = [];
    private readonly HashSet<(Platform, JobName)> reportedBlocked = [];
    private long handOutAgainAt = long.MinValue;
    private Timestamp plannedTick = Timestamp.Never;
    private TaskCompletionSource tickSooner = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Raised, within the lock, when a build came into the spool.</summary>
    public Action<SpooledBuild>? Spooled { get; set; }

    /// <summary>Where builds that ended go over their budgets.</summary>
    public FinishedBuilds Finished { get; } = new();

    /// <summary>When workers were last heard of.</summary>
    public SeenWorkers Seen { get; } = new(clock);

    public bool IsUploading { get; init; }

    public BuildSpans Spans { get; } = new(clock);

    /// <summary>Raised after each change of queues, builds and workers.</summary>
    public ChangeSignal Changes { get; } = new();

    /// <summary>Nothing is handed out for so long after a build could not be written.</summary>
    public required TimeSpan PauseAfterDiskTrouble { get; init; }

    /// <summary>What the worker of a lease is told, and the server keeps to with any worker.</summary>
    public JobLimits LimitsOf(Lease lease) => store.LimitsOf(lease);

    public RunningBuild? FindRunning(BuildUuid uuid) => running.GetValueOrDefault(uuid);

    /// <summary>Looks at the state; <paramref name="look"/> must be quick and copy what it needs.</summary>
    public T Look<T>(Func<SchedulerState, T> look)
    {
        lock (gate)
            return look(scheduler.State);
    }

    /// <summary>Carries out a request and waits until it is on disk.</summary>
    /// <returns>The reason of a refusal, or null when done.</returns>
    public async Task<string?> RequestAsync(Func<Scheduler, Timestamp, string?> request)
    {
        if (journal.Trouble is { } trouble)
            return $"the server cannot save anything at present: {trouble}";
        Task durable;
        lock (gate)
        {
            if (request(scheduler, Timestamp.Now(clock)) is { } refusal)
                return refusal;
            durable = journal.Durable();
            HandOut();
            if (scheduler.NextDue < plannedTick)
                tickSooner.TrySetResult();
        }
        try
        {
            await Task.WhenAny(durable, journal.Troubled).WaitAsync(DiskTimeout, clock);
        }
        catch (TimeoutException)
        {
            // Neither: the disk is very slow.
        }
        if (durable is { IsFaulted: true, Exception.InnerException: LeaseLostException lost })
            return $"not saved: {lost.Message}; ask again, another server answers";
        return durable.IsCompletedSuccessfully
            ? null
            : $"not saved: {journal.Trouble ?? "the disk is very slow"}; it is done once there is room, unless the server stops before";
    }

    /// <summary>Done when what was decided so far counts, where another server might have taken over.</summary>
    /// <returns>Fails with <see cref="LeaseLostException"/> where one has.</returns>
    public Task SettledAsync() => journal.IsShared ? journal.Durable() : Task.CompletedTask;

    /// <summary>True where other servers may serve this state.</summary>
    public bool SharesState => journal.IsShared;

    /// <summary>False once another server may have taken over.</summary>
    public bool IsServing => journal.IsHeld;

    /// <summary>The journal can be written again: who waits meanwhile gets what there is.</summary>
    public void DiskIsBack()
    {
        lock (gate)
            HandOut();
    }

    /// <summary>Queues what is due, at the very moment, until cancelled.</summary>
    public async Task KeepTimeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (pause, sooner) = Tick();
            RemoveUnneededInputs();
            await GiveUpAwaitedAsync();
            try
            {
                await sooner.WaitAsync(pause, clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                // It is time.
            }
        }
    }

    /// <returns>When to come again, a minute from now at most, and what completes when that becomes sooner.</returns>
    private (TimeSpan Pause, Task Sooner) Tick()
    {
        lock (gate)
        {
            var now = Timestamp.Now(clock);
            if (scheduler.FollowClock(now) is > 0 and var planned)
                logger.ClockSetBack(planned);
            var count = scheduler.Tick(now);
            foreach (var platform in scheduler.State.Queues.Keys.Where(platform => !scheduler.State.HasJobsFor(platform)).ToArray())
                ForgetIfUnused(platform);
            if (count > 0)
                logger.Due(count);
            HandOut();
            if (journal.WantsSnapshot)
                journal.BeginSnapshot(scheduler.State.ToEvents());
            var pause = TimeSpan.FromMinutes(1);
            if (clock.GetTimestamp() < handOutAgainAt)
                pause = clock.GetElapsedTime(clock.GetTimestamp(), handOutAgainAt);
            var left = scheduler.NextDue - now;
            pause =
                left < TimeSpan.Zero ? TimeSpan.Zero
                : left < pause ? left
                : pause;
            var untilGivenUp = UntilGivenUp();
            pause =
                untilGivenUp < TimeSpan.Zero ? TimeSpan.Zero
                : untilGivenUp < pause ? untilGivenUp
                : pause;
            plannedTick = now + pause;
            if (tickSooner.Task.IsCompleted)
                tickSooner = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (pause, tickSooner.Task);
        }
    }

    /// <summary>Waits for a job for this platform.</summary>
    /// <exception cref="WorkerDismissedException">The platform was dropped, or is one too many that no job is for.</exception>
    public async Task<Lease> TakeAsync(
        Platform platform,
        string worker,
        IsolationTier? isolation,
        CancellationToken cancellationToken,
        Variations? variations = null,
        bool canResume = false
    )
    {
        WaitingWorker waiter;
        lock (gate)
        {
            if (scheduler.Welcome(platform, Timestamp.Now(clock)) is { } refusal)
                throw new WorkerDismissedException(refusal);
            if (TryTake(platform, worker, isolation, variations, canResume, Timestamp.Now(clock)) is { } lease)
                return lease;
            waiter = new WaitingWorker(platform, worker, isolation, Timestamp.Now(clock))
            {
                Variations = variations,
                CanResume = canResume,
            };
            waiting.Add(waiter);
            Changes.Raise();
        }
        await using (cancellationToken.UnsafeRegister(_ => GiveUp(waiter), null))
            return await waiter.Lease.Task;
    }

    /// <summary>Tells the waiting workers of a dropped platform to stop.</summary>
    public int Dismiss(Platform platform)
    {
        lock (gate)
            return waiting.Dismiss(platform);
    }

    /// <summary>Waiting workers by platform.</summary>
    public Dictionary<Platform, int> CountWaiting()
    {
        lock (gate)
            return waiting.Count();
    }

    /// <summary>Every worker that waits or has a job, by name.</summary>
    public IReadOnlyList<ConnectedWorker> Workers()
    {
        lock (gate)
        {
            return
            [
                .. waiting
                    .All()
                    .Select(worker => new ConnectedWorker(worker.Name, worker.Platform, worker.Isolation, null)
                    {
                        Since = worker.Since,
                        Variations = worker.Variations,
                        IsDrained = IsDrained(worker.Name),
                    })
                    .Concat(
                        scheduler.State.Leases.Values.Select(lease => new ConnectedWorker(
                            lease.Worker,
                            lease.Platform,
                            lease.Isolation,
                            lease
                        )
                        {
                            Since = lease.Started,
                            Variations = lease.WorkerVariations,
                            IsDrained = IsDrained(lease.Worker),
                        })
                    )
                    .OrderBy(worker => worker.Name, StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>Why jobs are kept queued, null where they are not, and how many.</summary>
    public (string? Reason, int Count) Held()
    {
        lock (gate)
            return (scheduler.Hold?.Reason, scheduler.State.Queues.Values.Sum(queue => queue.HeldCount));
    }

    private void GiveUp(WaitingWorker waiter)
    {
        lock (gate)
        {
            if (!waiting.Remove(waiter))
                return;
            waiter.Lease.TrySetCanceled();
            Changes.Raise();
            ForgetIfUnused(waiter.Platform);
        }
    }

    private void ForgetIfUnused(Platform platform)
    {
        if (waiting.Has(platform))
            return;
        scheduler.Forget(platform);
        if (!scheduler.State.Queues.ContainsKey(platform))
            reportedBlocked.RemoveWhere(blocked => blocked.Item1 == platform);
    }

    private void HandOut()
    {
        waiting.HandOut(
            waiter => TryTake(waiter.Platform, waiter.Name, waiter.Isolation, waiter.Variations, waiter.CanResume, waiter.Since),
            platform => scheduler.State.Repetitions.Has(platform) || scheduler.State.Drained.Count > 0
        );
        Changes.Raise();
    }

    private bool IsDrained(string worker) =>
        scheduler.State.Drained.Count > 0 && scheduler.State.Drained.Contains(WorkerNames.Stable(worker));

    private Lease? TryTake(
        Platform platform,
        string worker,
        IsolationTier? isolation,
        Variations? variations,
        bool canResume,
        Timestamp workerSince
    )
    {
        if (journal.Trouble is not null || clock.GetTimestamp() < handOutAgainAt || IsDrained(worker))
            return null;
        var now = Timestamp.Now(clock);
        var jobSince = scheduler.State.Queues.TryGetValue(platform, out var queue) ? queue.HeadSince : null;
        var lease =
            scheduler.Take(platform, worker, now.TruncateToMilliseconds(), out var blocked, isolation, variations, canResume)
            ?? TakeRepetition(platform, worker, now.TruncateToMilliseconds(), isolation, variations, canResume);
        if (lease is not null)
        {
            metrics.Dispatched(now - (jobSince is { } since && since > workerSince ? since : workerSince));
            lease = Spans.Leased(lease, scheduler.State.Jobs.TryGetValue(lease.Name, out var job) && job.Platform is not null);
            Changes.Raise();
        }
        foreach (var name in blocked)
        {
            if (reportedBlocked.Add((platform, name)))
                logger.NoTemplate(name, platform);
        }
        return lease;
    }
}

using System.Collections.Concurrent;
using Builder.Protocol;
using Builder.Protocol.Streaming;
using Builder.Server.Builds;
using Builder.Server.Operations;
using Builder.Server.Scheduling;
using Builder.Server.State;
using Microsoft.Extensions.Logging;

namespace Builder.Server;

/// <summary>
/// The one place where the scheduler is asked: requests come one at a time, their events go to the journal in order, waiting workers get
/// what has become ready, and the answer is given when all of it is on disk.
/// </summary>
internal sealed partial class Farm(
    Scheduler scheduler, Journal journal, BuildStore store, Metrics metrics, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan LongestWaitForDisk = TimeSpan.FromSeconds(20);

    private readonly Lock gate = new();
    private readonly Dictionary<Platform, LinkedList<WaitingWorker>> waiting = [];
    private readonly ConcurrentDictionary<BuildUuid, RunningBuild> running = [];
    private readonly HashSet<(Platform, JobName)> reportedBlocked = [];
    private long handOutAgainAt = long.MinValue;
    private Timestamp plannedTick = Timestamp.Never;
    private TaskCompletionSource tickSooner = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Raised, within the lock, when a build came into the spool.</summary>
    public Action<SpooledBuild>? Spooled { get; set; }

    public bool IsUploading { get; init; }

    /// <summary>Nothing is handed out for so long after a build could not be written.</summary>
    public required TimeSpan PauseAfterDiskTrouble { get; init; }

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
            await Task.WhenAny(durable, journal.Troubled).WaitAsync(LongestWaitForDisk, clock);
        }
        catch (TimeoutException)
        {
            // Neither: the disk is very slow.
        }
        return durable.IsCompletedSuccessfully
            ? null
            : $"not saved: {journal.Trouble ?? "the disk is very slow"}; it is done once there is room, unless the server stops before";
    }

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
            var count = scheduler.Tick(now);
            if (count > 0)
                logger.Due(count);
            HandOut();
            if (journal.WantsSnapshot)
                journal.BeginSnapshot(scheduler.State.ToEvents());
            var pause = TimeSpan.FromMinutes(1);
            if (clock.GetTimestamp() < handOutAgainAt)
                pause = clock.GetElapsedTime(clock.GetTimestamp(), handOutAgainAt);
            var left = scheduler.NextDue - now;
            pause = left < TimeSpan.Zero ? TimeSpan.Zero : left < pause ? left : pause;
            plannedTick = now + pause;
            if (tickSooner.Task.IsCompleted)
                tickSooner = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (pause, tickSooner.Task);
        }
    }

    /// <summary>Waits for a job for this platform.</summary>
    /// <exception cref="WorkerDismissedException">The platform was dropped.</exception>
    public async Task<Lease> TakeAsync(Platform platform, string worker, CancellationToken cancellationToken)
    {
        WaitingWorker waiter;
        lock (gate)
        {
            scheduler.Welcome(platform, Timestamp.Now(clock));
            if (TryTake(platform, worker, Timestamp.Now(clock)) is { } lease)
                return lease;
            waiter = new WaitingWorker(worker, Timestamp.Now(clock));
            if (!waiting.TryGetValue(platform, out var line))
                waiting.Add(platform, line = new LinkedList<WaitingWorker>());
            line.AddLast(waiter);
        }
        await using (cancellationToken.UnsafeRegister(_ => GiveUp(platform, waiter), null))
            return await waiter.Lease.Task;
    }

    /// <summary>Begins the build of a lease just taken.</summary>
    /// <exception cref="IOException">There is no place for its console; the lease has gone back.</exception>
    public RunningBuild Begin(Lease lease)
    {
        try
        {
            var build = store.Begin(lease);
            running[lease.Uuid] = build;
            return build;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            PauseHandOut(error);
            GiveBack(lease);
            throw;
        }
    }

    /// <summary>The job goes back to its queue, or is recorded as failed where it cannot.</summary>
    public async Task ReturnAsync(RunningBuild build, string reason, bool isWorkersLoss)
    {
        bool requeued;
        if (isWorkersLoss)
            metrics.LeaseLost();
        lock (gate)
        {
            requeued = scheduler.Return(build.Lease.Uuid, isWorkersLoss);
            HandOut();
        }
        if (requeued)
        {
            logger.Requeued(build.Lease.Name, build.Lease.Uuid, build.Lease.Platform, build.Lease.Attempt, reason);
            build.End($"builder: {reason}; the job is queued again");
            Forget(build);
            return;
        }
        await RecordFailureAsync(build, $"{reason} (attempt {build.Lease.Attempt})");
    }

    /// <summary>Ends the build with a result of the server's own, such as <c>timeout</c>.</summary>
    public async Task RecordFailureAsync(RunningBuild build, string message)
    {
        try
        {
            await RecordAsync(build, new ExecutionResult.Message(ByteString.FromUtf8(message)), ArtifactSource.Empty, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            ReturnUnwritten(build, error);
        }
    }

    /// <summary>Writes the build to disk, then ends its lease.</summary>
    /// <exception cref="ProtocolException">The connection that the artifacts come from broke: the lease is still there.</exception>
    /// <exception cref="IOException">The disk is full, for example: the lease is still there.</exception>
    public async Task RecordAsync(RunningBuild build, ExecutionResult result, ArtifactSource artifacts, CancellationToken cancellationToken)
    {
        var finished = await store.RecordAsync(build, result, artifacts, cancellationToken);
        var lease = build.Lease;
        lock (gate)
        {
            scheduler.Record(lease, finished, IsUploading);
            if (IsUploading)
                Spooled?.Invoke(scheduler.State.Spool[lease.Uuid]);
            HandOut();
        }
        metrics.Recorded(lease.Platform, result);
        logger.Recorded(lease.Name, lease.Uuid, lease.Platform, ResultText.Of(result));
        build.End(ResultText.Of(result));
        Forget(build);
    }

    /// <summary>The disk does not take the build: the job is queued again, and nothing handed out for a while.</summary>
    public void ReturnUnwritten(RunningBuild build, Exception error)
    {
        PauseHandOut(error);
        GiveBack(build.Lease);
        build.End($"builder: the server could not write the build ({error.Message}); the job is queued again");
        Forget(build);
    }

    /// <summary>The web has the build.</summary>
    public async Task UploadedAsync(BuildUuid uuid)
    {
        Task durable;
        lock (gate)
        {
            scheduler.Uploaded(uuid);
            durable = journal.Durable();
        }
        await durable;
    }

    /// <summary>Tells the waiting workers of a dropped platform to stop.</summary>
    public int Dismiss(Platform platform)
    {
        lock (gate)
        {
            if (!waiting.Remove(platform, out var line))
                return 0;
            foreach (var waiter in line)
                waiter.Lease.TrySetException(new WorkerDismissedException(platform));
            return line.Count;
        }
    }

    /// <summary>Waiting workers by platform.</summary>
    public Dictionary<Platform, int> CountWaiting()
    {
        lock (gate)
            return waiting.ToDictionary(pair => pair.Key, pair => pair.Value.Count);
    }

    /// <summary>Leases of an earlier run of the server: their workers are gone, and builds already on disk are recorded.</summary>
    public async Task RecoverAsync()
    {
        foreach (var lease in Look(state => state.Leases.Values.ToArray()))
        {
            if (store.Has(lease))
            {
                lock (gate)
                    scheduler.Record(lease, Timestamp.Now(clock), IsUploading);
                logger.RecoveredBuild(lease.Name, lease.Uuid);
                continue;
            }
            bool requeued;
            lock (gate)
                requeued = scheduler.Return(lease.Uuid, isWorkersLoss: false);
            if (requeued)
                logger.Requeued(lease.Name, lease.Uuid, lease.Platform, lease.Attempt, "the server was restarted");
            else
                await RecordFailureAsync(BeginAgain(lease), "the server was restarted after the job was unscheduled");
        }
        store.ForgetAll();
    }

    private RunningBuild BeginAgain(Lease lease)
    {
        store.Forget(lease.Uuid);
        return store.Begin(lease);
    }

    /// <summary>A lease that was taken, but of which nothing was begun.</summary>
    public void GiveBack(Lease lease)
    {
        lock (gate)
        {
            if (scheduler.Return(lease.Uuid, isWorkersLoss: false))
                return;
            scheduler.Abandon(lease.Uuid);
            logger.CannotRequeue(lease.Name, lease.Uuid);
        }
    }

    private void PauseHandOut(Exception error)
    {
        logger.DiskTrouble(error.Message, PauseAfterDiskTrouble.TotalSeconds);
        lock (gate)
        {
            handOutAgainAt = clock.GetTimestamp() + (long)(PauseAfterDiskTrouble.TotalSeconds * clock.TimestampFrequency);
            tickSooner.TrySetResult();
        }
    }

    private void Forget(RunningBuild build)
    {
        running.TryRemove(build.Lease.Uuid, out _);
        try
        {
            store.Forget(build.Lease.Uuid);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.CannotForget(build.Lease.Uuid, error.Message);
        }
        build.Dispose();
    }

    private void GiveUp(Platform platform, WaitingWorker waiter)
    {
        lock (gate)
        {
            if (waiting.TryGetValue(platform, out var line) && line.Remove(waiter))
            {
                if (line.Count == 0)
                    waiting.Remove(platform);
                waiter.Lease.TrySetCanceled();
            }
        }
    }

    private void HandOut()
    {
        if (waiting.Count == 0)
            return;
        foreach (var (platform, line) in waiting)
        {
            while (line.First is { } first && TryTake(platform, first.Value.Worker, first.Value.Since) is { } lease)
            {
                line.RemoveFirst();
                first.Value.Lease.SetResult(lease);
            }
        }
        foreach (var platform in waiting.Where(pair => pair.Value.Count == 0).Select(pair => pair.Key).ToArray())
            waiting.Remove(platform);
    }

    private Lease? TryTake(Platform platform, string worker, Timestamp workerSince)
    {
        if (journal.Trouble is not null || clock.GetTimestamp() < handOutAgainAt)
            return null;
        var now = Timestamp.Now(clock);
        var jobSince = scheduler.State.Queues.TryGetValue(platform, out var queue) ? queue.HeadSince : null;
        var lease = scheduler.Take(platform, worker, now.TruncateToMilliseconds(), out var blocked);
        if (lease is not null)
            metrics.Dispatched(now - (jobSince is { } since && since > workerSince ? since : workerSince));
        foreach (var name in blocked)
        {
            if (reportedBlocked.Add((platform, name)))
                logger.NoTemplate(name, platform);
        }
        return lease;
    }

    private sealed class WaitingWorker(string worker, Timestamp since)
    {
        public Timestamp Since { get; } = since;

        public string Worker { get; } = worker;

        public TaskCompletionSource<Lease> Lease { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

using System.Security.Cryptography;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

internal sealed partial class Scheduler
{
    private const int TokenLength = 16;

    /// <summary>The next job for a worker of this platform, or null where it has to wait.</summary>
    /// <param name="isolation">As the worker says it; kept with the lease.</param>
    /// <param name="variations">What it can vary; null where it does not know variations.</param>
    /// <param name="canResume">Whether it can come back to the lease after it lost the connection.</param>
    /// <param name="blocked">Orb build jobs found at the head for which the platform has no template: they stay queued.</param>
    public Lease? Take(
        Platform platform,
        string worker,
        Timestamp now,
        out IReadOnlyList<JobName> blocked,
        IsolationTier? isolation = null,
        Variations? variations = null,
        bool canResume = false
    )
    {
        blocked = [];
        if (!state.Queues.TryGetValue(platform, out var queue))
            return null;
        if (queue.WithoutTemplate.Count > 0 && templates.Has(platform))
            queue.ReleaseWithoutTemplate();
        List<JobName>? withoutTemplate = null;
        while (queue.Head is { } entry)
        {
            if (state.IsBuilding(platform, entry.Name))
            {
                queue.SetAsideAlreadyRunning(entry);
                continue;
            }
            var script = entry.Job as ScriptJob ?? templates.Expand((OrbBuildJob)entry.Job, platform);
            if (script is null)
            {
                queue.SetAsideWithoutTemplate(entry);
                blocked = withoutTemplate ??= [];
                withoutTemplate.Add(entry.Name);
                continue;
            }
            if (Hold?.Holds(script) == true)
            {
                queue.SetAsideHeld(entry);
                continue;
            }
            var lease = new Lease(
                BuildUuid.NewRandom(),
                entry.Name,
                platform,
                script,
                now,
                entry.Attempts + 1,
                worker,
                state.Jobs[entry.Name].Options
            )
            {
                Queued = entry.Since,
                Isolation = isolation,
                WorkerVariations = variations,
                Token = canResume ? NewToken() : default,
            };
            Do(new SchedulerEvent.LeaseGranted(lease));
            return lease;
        }
        return null;
    }

    /// <summary>
    /// The worker was lost. True: the job stands at the front of its queue again. False: it was lost too often, or is not in the schedule
    /// any more; the lease stays until its failed build is recorded.
    /// </summary>
    /// <param name="isWorkersLoss">False when it was not the worker that failed: such an attempt does not count.</param>
    public bool Return(BuildUuid uuid, bool isWorkersLoss)
    {
        if (!state.Leases.TryGetValue(uuid, out var lease))
            throw new InvalidOperationException($"there is no lease {uuid}");
        var attempts = isWorkersLoss ? lease.Attempt : lease.Attempt - 1;
        if (attempts >= maxAttempts)
            return false;
        if (lease.Repetition is { } repetition)
        {
            if (!state.Jobs.ContainsKey(lease.Name) && state.FindSuspended(lease.Name) is null)
                return false;
            Do(new SchedulerEvent.LeaseReturned(uuid));
            Do(new SchedulerEvent.RepetitionQueued(repetition with { Attempts = attempts }, AtFront: true));
            return true;
        }
        if (state.Dropped.TryGetValue(lease.Platform, out var suspended))
        {
            if (!suspended.Jobs.ContainsKey(lease.Name) && !IsOrbBuild(lease.Name))
                return false;
            Do(new SchedulerEvent.LeaseReturned(uuid));
            Do(new SchedulerEvent.EntrySuspended(lease.Platform, lease.Name, Front: true, attempts));
            return true;
        }
        if (!state.Jobs.TryGetValue(lease.Name, out var job) || (job.Platform is not null && job.Platform != lease.Platform))
            return false;
        Do(new SchedulerEvent.LeaseReturned(uuid));
        OpenQueue(lease.Platform);
        var queue = state.Queues[lease.Platform];
        Do(new SchedulerEvent.Enqueued(lease.Platform, lease.Name, queue.PositionAtFront(job.Options.Priority), attempts, lease.Started));
        return true;
    }

    /// <summary>The build is on disk: the lease has its one result.</summary>
    public void Record(SpooledBuild build, bool spooled, Outcome outcome)
    {
        var plan = state.Leases.TryGetValue(build.Uuid, out var lease)
            ? RepetitionPlan.After(lease, outcome, build.Finished, Rebuilding)
            : RepetitionPlan.None;
        Do(new SchedulerEvent.BuildRecorded(build with { Repetition = plan.Header }, spooled, plan.Next, plan.Good));
    }

    /// <summary>The lease ends without a result, and its job is not queued.</summary>
    public void Abandon(BuildUuid uuid) => Do(new SchedulerEvent.LeaseReturned(uuid));

    public void Uploaded(BuildUuid uuid) => Do(new SchedulerEvent.BuildUploaded(uuid));

    /// <summary>What the worker says of itself now; it is not kept.</summary>
    public void Meet(BuildUuid uuid, string worker, IsolationTier? isolation, Variations? variations) =>
        state.Meet(uuid, worker, isolation, variations);

    private static ByteString NewToken() => new(RandomNumberGenerator.GetBytes(TokenLength));

    private bool IsOrbBuild(JobName name) => state.Jobs.TryGetValue(name, out var job) && job.Platform is null;
}

using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>
/// Schedule, queues, drops, leases and spool. It changes by <see cref="Apply"/> alone, which decides nothing: the same events give
/// the same state, on the day and after a restart.
/// </summary>
internal sealed class SchedulerState
{
    private readonly Dictionary<JobName, ScheduledJob> jobs = [];
    private readonly OrderedPieces<ScheduledJob> ordered = new(CompareNext);

    /// <summary>What comes up again by itself, and leftovers of jobs that have changed since: recognised when their time comes.</summary>
    private readonly PriorityQueue<ScheduledJob, Timestamp> byNext = new();

    private readonly Dictionary<Platform, JobQueue> queues = [];
    private readonly Dictionary<Platform, int> jobsByPlatform = [];
    private readonly Dictionary<Platform, SuspendedPlatform> dropped = [];
    private readonly Dictionary<BuildUuid, Lease> leases = [];
    private readonly HashSet<(Platform, JobName)> building = [];
    private readonly Dictionary<BuildUuid, SpooledBuild> spool = [];
    private readonly HashSet<string> drained = new(StringComparer.Ordinal);
    private readonly Dictionary<(Platform, JobName), Repetition> goodBuilds = [];

    public IReadOnlyDictionary<JobName, ScheduledJob> Jobs => jobs;

    /// <summary>The job that is due next; null where nothing comes up by itself.</summary>
    public ScheduledJob? NextDue
    {
        get
        {
            while (byNext.TryPeek(out var job, out _))
            {
                if (ReferenceEquals(jobs.GetValueOrDefault(job.Name), job))
                    return job;
                byNext.Dequeue();
            }
            return null;
        }
    }

    /// <summary>Earliest next time first. Quick, however many there are.</summary>
    public Ordered<ScheduledJob> InOrder() => ordered.Look();

    public IReadOnlyDictionary<Platform, JobQueue> Queues => queues;

    public IReadOnlyDictionary<Platform, SuspendedPlatform> Dropped => dropped;

    public IReadOnlyDictionary<BuildUuid, Lease> Leases => leases;

    public IReadOnlyDictionary<BuildUuid, SpooledBuild> Spool => spool;

    /// <summary>The repetitions that wait.</summary>
    public RepetitionQueue Repetitions { get; } = new();

    /// <summary>The last good build of each job and platform whose builds are repeated.</summary>
    public IReadOnlyDictionary<(Platform Platform, JobName Name), Repetition> GoodBuilds => goodBuilds;

    /// <summary>Builds whose recorded inputs are needed.</summary>
    public HashSet<BuildUuid> Repeated() =>
        [
            .. goodBuilds.Values.Select(static good => good.Repeats),
            .. Repetitions.All().Select(static waiting => waiting.Repeats),
            .. leases.Values.Select(static lease => lease.Repetition?.Repeats).OfType<BuildUuid>(),
        ];

    public bool IsRepeated(BuildUuid uuid, JobName name, Platform platform) =>
        goodBuilds.GetValueOrDefault((platform, name))?.Repeats == uuid
        || Repetitions.Find(platform, name)?.Repeats == uuid
        || leases.Values.Any(lease => lease.Repetition?.Repeats == uuid);

    /// <summary>Workers that get no more jobs, by <see cref="WorkerNames.Stable"/>.</summary>
    public IReadOnlySet<string> Drained => drained;

    /// <summary>SHA-256 of the original's state file as it was last read or written; null where it never was.</summary>
    public string? StateFile { get; private set; }

    /// <summary>True where a script job of the schedule is for this platform.</summary>
    public bool HasJobsFor(Platform platform) => jobsByPlatform.ContainsKey(platform);

    public bool IsBuilding(Platform platform, JobName name) => building.Contains((platform, name));

    public ScheduledJob? FindSuspended(JobName name) =>
        dropped.Values.Select(platform => platform.Jobs.GetValueOrDefault(name)).FirstOrDefault(job => job is not null);

    /// <exception cref="InvalidOperationException">The event does not fit the state: the journal is not the one of this state.</exception>
    public void Apply(SchedulerEvent change)
    {
        switch (change)
        {
            case SchedulerEvent.JobScheduled(var job):
                Put(job);
                break;
            case SchedulerEvent.JobUnscheduled(var name):
                Remove(name);
                break;
            case SchedulerEvent.NextChanged(var name, var next, var period):
                Put(Known(name) with { Next = next, Period = period });
                break;
            case SchedulerEvent.QueueOpened(var platform, var virtualTime):
                queues.TryAdd(platform, new JobQueue(platform, virtualTime));
                break;
            case SchedulerEvent.QueueClosed(var platform):
                queues.Remove(platform);
                break;
            case SchedulerEvent.StateFileSeen(var sha256):
                StateFile = sha256;
                break;
            case SchedulerEvent.Enqueued(var platform, var name, var position, var attempts, var since):
                var queued = Known(name);
                QueueOf(platform)
                    .Put(new QueueEntry(name, queued.Job, position, attempts, queued.Options.Owner, queued.Options.Priority, since));
                break;
            case SchedulerEvent.PlatformDropped(var platform, var at, var hadQueue):
                Drop(platform, at, hadQueue);
                break;
            case SchedulerEvent.PlatformUndropped(var platform):
                Undrop(platform);
                break;
            case SchedulerEvent.WorkerDrained(var worker):
                drained.Add(worker);
                break;
            case SchedulerEvent.WorkerUndrained(var worker):
                drained.Remove(worker);
                break;
            case SchedulerEvent.JobSuspended(var platform, var job):
                SuspendedOf(platform).Jobs[job.Name] = job;
                break;
            case SchedulerEvent.EntrySuspended(var platform, var name, var front, var attempts):
                SuspendedOf(platform).Put(name, front, attempts);
                break;
            case SchedulerEvent.LeaseGranted(var lease):
                leases.Add(lease.Uuid, lease);
                if (lease.Repetition is { } taken)
                {
                    // In a snapshot a newer one may wait already.
                    if (Repetitions.Find(lease.Platform, lease.Name) is { } waiting && waiting.Repeats == taken.Repeats)
                        Repetitions.Remove(lease.Platform, lease.Name);
                    break;
                }
                queues.GetValueOrDefault(lease.Platform)?.Take(lease.Name);
                building.Add((lease.Platform, lease.Name));
                break;
            case SchedulerEvent.LeaseReturned(var uuid):
                EndLease(uuid);
                break;
            case SchedulerEvent.BuildRecorded(var build, var spooled, var next, var good):
                EndLease(build.Uuid);
                if (spooled)
                    spool[build.Uuid] = build;
                if (good is not null)
                    Keep(good);
                if (next is not null)
                    Queue(next, atFront: false);
                break;
            case SchedulerEvent.RepetitionQueued(var repetition, var atFront):
                Queue(repetition, atFront);
                break;
            case SchedulerEvent.GoodBuildKept(var kept):
                Keep(kept);
                break;
            case SchedulerEvent.BuildUploaded(var uuid):
                spool.Remove(uuid);
                break;
            default:
                throw new InvalidOperationException($"unknown event {change.GetType().Name}");
        }
    }

    /// <summary>The worker of a lease has come back; what it says of itself is for as long as this server runs.</summary>
    public void Meet(BuildUuid uuid, string worker, IsolationTier? isolation, Variations? variations) =>
        leases[uuid] = leases[uuid] with { Worker = worker, Isolation = isolation, WorkerVariations = variations };

    /// <summary>The shortest list of events that gives this state. Cheap: it shares the state's immutable values.</summary>
    public List<SchedulerEvent> ToEvents()
    {
        var events = new List<SchedulerEvent>(jobs.Count + queues.Values.Sum(queue => queue.Count + 1) + leases.Count + spool.Count);
        foreach (var platform in dropped.Values)
            events.Add(new SchedulerEvent.PlatformDropped(platform.Platform, platform.At, platform.HadQueue));
        events.AddRange(ordered.Look().Select(job => new SchedulerEvent.JobScheduled(job)));
        foreach (var platform in dropped.Values)
        {
            events.AddRange(platform.Jobs.Values.Select(job => new SchedulerEvent.JobSuspended(platform.Platform, job)));
            events.AddRange(
                platform.Entries.Select(entry => new SchedulerEvent.EntrySuspended(
                    platform.Platform,
                    entry.Name,
                    Front: false,
                    entry.Attempts
                ))
            );
        }
        // A lease takes its job out of the queue, where it may stand again by now: leases come before entries.
        events.AddRange(leases.Values.Select(lease => new SchedulerEvent.LeaseGranted(lease)));
        foreach (var queue in queues.Values)
        {
            events.Add(new SchedulerEvent.QueueOpened(queue.Platform, queue.VirtualTime));
            events.AddRange(
                queue
                    .InOrder()
                    .Select(entry => new SchedulerEvent.Enqueued(queue.Platform, entry.Name, entry.Position, entry.Attempts, entry.Since))
            );
        }
        events.AddRange(spool.Values.Select(build => new SchedulerEvent.BuildRecorded(build, Spooled: true)));
        events.AddRange(goodBuilds.Values.Select(good => new SchedulerEvent.GoodBuildKept(good)));
        events.AddRange(Repetitions.All().Select(waiting => new SchedulerEvent.RepetitionQueued(waiting, AtFront: false)));
        events.AddRange(drained.Select(worker => new SchedulerEvent.WorkerDrained(worker)));
        if (StateFile is { } seen)
            events.Add(new SchedulerEvent.StateFileSeen(seen));
        return events;
    }

    private static int CompareNext(ScheduledJob left, ScheduledJob right)
    {
        var byTime = left.Next.CompareTo(right.Next);
        return byTime != 0 ? byTime : left.Name.CompareTo(right.Name);
    }

    private ScheduledJob Known(JobName name) =>
        jobs.GetValueOrDefault(name) ?? throw new InvalidOperationException($"job \"{name}\" is not in the schedule");

    private JobQueue QueueOf(Platform platform) =>
        queues.GetValueOrDefault(platform) ?? throw new InvalidOperationException($"platform \"{platform}\" has no queue");

    private SuspendedPlatform SuspendedOf(Platform platform) =>
        dropped.GetValueOrDefault(platform) ?? throw new InvalidOperationException($"platform \"{platform}\" is not dropped");

    private void Put(ScheduledJob job)
    {
        var before = TakeOut(job.Name);
        Add(job);
        if (before is null || before.Job == job.Job)
            return;
        foreach (var queue in queues.Values)
        {
            if (queue.Find(job.Name) is { } entry)
                queue.Put(entry with { Job = job.Job });
        }
    }

    private void Add(ScheduledJob job)
    {
        jobs.Add(job.Name, job);
        ordered.Add(job);
        if (job.Platform is { } platform)
            jobsByPlatform[platform] = jobsByPlatform.GetValueOrDefault(platform) + 1;
        if (!job.Recurs || job.Next >= Timestamp.Never)
            return;
        if (byNext.Count > (2 * jobs.Count) + 64)
        {
            byNext.Clear();
            byNext.EnqueueRange(
                jobs.Values.Where(other => other.Recurs && other.Next < Timestamp.Never).Select(other => (other, other.Next))
            );
            return;
        }
        byNext.Enqueue(job, job.Next);
    }

    private ScheduledJob? TakeOut(JobName name)
    {
        if (!jobs.Remove(name, out var job))
            return null;
        ordered.Remove(job);
        if (job.Platform is { } platform && --jobsByPlatform[platform] == 0)
            jobsByPlatform.Remove(platform);
        return job;
    }

    /// <summary>The schedule may have lost the job since the build began.</summary>
    private void Keep(Repetition good)
    {
        if (jobs.ContainsKey(good.Name) || FindSuspended(good.Name) is not null)
            goodBuilds[(good.Platform, good.Name)] = good;
    }

    private void Queue(Repetition repetition, bool atFront)
    {
        if (jobs.ContainsKey(repetition.Name) || FindSuspended(repetition.Name) is not null)
            Repetitions.Put(repetition, atFront);
    }

    private void Remove(JobName name)
    {
        Repetitions.Remove(name);
        foreach (var key in goodBuilds.Keys.Where(key => key.Item2 == name).ToArray())
            goodBuilds.Remove(key);
        if (TakeOut(name) is not null)
        {
            foreach (var queue in queues.Values)
                queue.Remove(name);
        }
        else
        {
            foreach (var platform in dropped.Values)
                platform.Jobs.Remove(name);
        }
        foreach (var platform in dropped.Values)
            platform.Entries.RemoveAll(entry => entry.Name == name);
    }

    private void Drop(Platform platform, Timestamp at, bool hadQueue)
    {
        var suspended = new SuspendedPlatform(platform, at, hadQueue);
        dropped[platform] = suspended;
        foreach (var job in jobs.Values.Where(job => job.Platform == platform).ToArray())
        {
            TakeOut(job.Name);
            suspended.Jobs.Add(job.Name, job);
        }
        if (queues.Remove(platform, out var queue))
            suspended.Entries.AddRange(queue.InOrder().Select(entry => (entry.Name, entry.Attempts)));
    }

    private void Undrop(Platform platform)
    {
        if (!dropped.Remove(platform, out var suspended))
            return;
        foreach (var job in suspended.Jobs.Values)
        {
            if (!jobs.ContainsKey(job.Name))
                Add(job);
        }
    }

    private void EndLease(BuildUuid uuid)
    {
        if (!leases.Remove(uuid, out var lease) || lease.Repetition is not null)
            return;
        building.Remove((lease.Platform, lease.Name));
        queues.GetValueOrDefault(lease.Platform)?.ReleaseAlreadyRunning(lease.Name);
    }
}

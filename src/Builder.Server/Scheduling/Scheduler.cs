using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Options;

namespace Builder.Server.Scheduling;

/// <summary>
/// Decides what becomes of each request, as events: applied at once, and given to <paramref name="record"/> in order. No I/O, no clock
/// of its own, not thread-safe: one caller at a time. Requests answer with the reason of a refusal, or null when done.
/// </summary>
/// <param name="maxAttempts">After that many lost workers a job is not queued again.</param>
internal sealed partial class Scheduler(SchedulerState state, IOrbTemplates templates, int maxAttempts, Action<SchedulerEvent> record)
{
    public SchedulerState State => state;

    /// <summary>Which jobs are given to nobody; null where all are.</summary>
    public JobHold? Hold { get; init; }

    /// <summary>When <see cref="Tick"/> has something to do next.</summary>
    public Timestamp NextDue => state.NextDue?.Next ?? Timestamp.Never;

    public string? Schedule(Job job, Period period, JobOptions options, Timestamp now)
    {
        if (Accept(job, options, out var name) is { } refusal)
            return refusal;
        if (state.Jobs.ContainsKey(name!))
            return "job name already used";
        var next = ScheduledJob.NextAfter(now, period, options.Cron);
        Add(new ScheduledJob(name!, job, period, next, now, options));
        return null;
    }

    /// <summary>Schedules the job, or changes the one of that name; a change alone queues nothing.</summary>
    /// <param name="changed">False where the job stands in the schedule just so.</param>
    public string? Put(Job job, Period period, JobOptions options, Timestamp now, out bool changed)
    {
        changed = false;
        if (Accept(job, options, out var name) is { } refusal)
            return refusal;
        var before = state.Jobs.GetValueOrDefault(name!);
        if (before is not null && before.Job == job && before.Period == period && before.Options == options)
            return null;
        changed = true;
        var next =
            before is not null && before.Period == period && before.Options.Cron == options.Cron
                ? before.Next
                : ScheduledJob.NextAfter(now, period, options.Cron);
        var after = new ScheduledJob(name!, job, period, next, now, options);
        if (before is not null && before.Platform == after.Platform)
        {
            Do(new SchedulerEvent.JobScheduled(after));
            return null;
        }
        if (before is not null)
            Do(new SchedulerEvent.JobUnscheduled(name!));
        Add(after);
        return null;
    }

    public string? Unschedule(ByteString wanted)
    {
        if (!JobName.TryParse(wanted, out var name, out var reason))
            return reason;
        if (!state.Jobs.ContainsKey(name) && state.FindSuspended(name) is null)
            return "unschedule failed: job not found";
        Do(new SchedulerEvent.JobUnscheduled(name));
        return null;
    }

    public string? Reschedule(ByteString wanted, Timestamp next, Period? period, Timestamp now)
    {
        if (!JobName.TryParse(wanted, out var name, out var reason))
            return reason;
        if (!state.Jobs.TryGetValue(name, out var job))
            return $"reschedule failed: {NotFound(name)}";
        Do(new SchedulerEvent.NextChanged(name, next, period ?? job.Period));
        Enqueue(state.Jobs[name], now);
        return null;
    }

    public string? Execute(ByteString wanted, ByteString? wantedPlatform, Timestamp now)
    {
        if (!JobName.TryParse(wanted, out var name, out var reason))
            return reason;
        if (!state.Jobs.TryGetValue(name, out var job))
            return $"execute failed: {NotFound(name)}";
        Platform? platform = null;
        if (wantedPlatform is { } bytes && !Platform.TryParse(bytes, out platform, out reason))
            return reason;
        if (job.Platform is { } own)
        {
            if (platform is not null && platform != own)
                return $"execute failed: job is for a different platform: {own}";
            OpenQueue(own);
            MoveToFront(own, job, now);
            return null;
        }
        return ExecuteOrbBuild(job, platform, now);
    }

    /// <summary>Queues what is due, and sets when it is due again.</summary>
    public int Tick(Timestamp now)
    {
        var due = 0;
        while (state.NextDue is { } job && job.Next <= now)
        {
            Do(new SchedulerEvent.NextChanged(job.Name, job.After(now).Next, job.Period));
            Enqueue(job, now);
            due++;
        }
        return due + TickRechecks(now);
    }

    private string? Accept(Job job, JobOptions options, out JobName? name)
    {
        if (
            !JobName.TryParse(job.Name, out name, out var reason) || (reason = ServerDirectory.Refuse(name) ?? options.Refuse()) is not null
        )
            return reason;
        if (job is not ScriptJob script)
            return null;
        if (!Platform.TryParse(script.Platform, out var platform, out reason))
            return reason;
        return state.Dropped.ContainsKey(platform) ? $"platform {platform} is dropped" : null;
    }

    private void Add(ScheduledJob job)
    {
        Do(new SchedulerEvent.JobScheduled(job));
        Enqueue(job, job.Added);
    }

    /// <summary>A script job into its platform's queue, an orb build job into every queue there is; never twice into one.</summary>
    private void Enqueue(ScheduledJob job, Timestamp now)
    {
        if (job.Platform is { } platform)
        {
            OpenQueue(platform);
            EnqueueAt(state.Queues[platform], job, now);
            return;
        }
        foreach (var queue in state.Queues.Values)
            EnqueueAt(queue, job, now);
    }

    private void EnqueueAt(JobQueue queue, ScheduledJob job, Timestamp now)
    {
        if (queue.Contains(job.Name))
            return;
        var position = queue.PositionFor(job.Options.Owner, job.Options.Priority);
        Do(new SchedulerEvent.Enqueued(queue.Platform, job.Name, position, Attempts: 0, now));
    }

    private string? ExecuteOrbBuild(ScheduledJob job, Platform? platform, Timestamp now)
    {
        if (platform is null)
        {
            if (state.Queues.Count == 0)
                return $"execute failed: no platform is known yet for orb build job {job.Name}";
            foreach (var queue in state.Queues.Values)
                MoveToFront(queue.Platform, job, now);
            return null;
        }
        if (state.Dropped.ContainsKey(platform))
            return $"execute failed: platform {platform} is dropped";
        if (!state.Queues.ContainsKey(platform) && !templates.Has(platform))
            return $"execute failed: platform {platform} is not known and has no template";
        OpenQueue(platform);
        MoveToFront(platform, job, now);
        return null;
    }

    private void MoveToFront(Platform platform, ScheduledJob job, Timestamp now)
    {
        var queue = state.Queues[platform];
        var before = queue.Find(job.Name);
        var position = queue.PositionAtFront(job.Options.Priority);
        Do(new SchedulerEvent.Enqueued(platform, job.Name, position, before?.Attempts ?? 0, before?.Since ?? now));
    }

    private void OpenQueue(Platform platform)
    {
        if (!state.Queues.ContainsKey(platform))
            Do(new SchedulerEvent.QueueOpened(platform, VirtualTime: 0));
    }

    private string NotFound(JobName name) =>
        state.FindSuspended(name) is { } suspended ? $"job is for platform {suspended.Platform}, which is dropped" : "job not found";

    private void Do(SchedulerEvent change)
    {
        state.Apply(change);
        record(change);
    }
}

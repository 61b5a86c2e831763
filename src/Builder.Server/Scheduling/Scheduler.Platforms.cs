using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

internal sealed partial class Scheduler
{
    /// <summary>Whatever a worker says its platform is gets a queue: so many that nobody needs may have one at a time.</summary>
    private const int MaxIdlePlatforms = 64;

    /// <summary>
    /// A worker of this platform is there. A platform never seen before gets a queue with every scheduled job that fits; a dropped
    /// one has none.
    /// </summary>
    /// <returns>The reason why the worker is not wanted, or null.</returns>
    public string? Welcome(Platform platform, Timestamp now)
    {
        if (state.Queues.ContainsKey(platform) || state.Dropped.ContainsKey(platform))
            return null;
        if (!IsNeeded(platform) && state.Queues.Keys.Count(known => !IsNeeded(known)) >= MaxIdlePlatforms)
            return $"no job is for platform {platform}, and workers of {MaxIdlePlatforms} other such platforms wait already";
        OpenQueue(platform);
        var queue = state.Queues[platform];
        var hasTemplate = templates.Has(platform);
        foreach (var job in state.Jobs.Values.Where(job => job.Platform is null ? hasTemplate : job.Platform == platform).ToArray())
            EnqueueAt(queue, job, now);
        return null;
    }

    /// <summary>The last worker of a platform went away: where no job is for it, and it has no template, nothing of it stays.</summary>
    public void Forget(Platform platform)
    {
        if (state.Queues.ContainsKey(platform) && !IsNeeded(platform))
            Do(new SchedulerEvent.QueueClosed(platform));
    }

    private bool IsNeeded(Platform platform) =>
        state.HasJobsFor(platform) || state.Leases.Values.Any(lease => lease.Platform == platform) || templates.Has(platform);

    public string? Drop(ByteString wanted, Timestamp now)
    {
        if (!Platform.TryParse(wanted, out var platform, out var reason))
            return reason;
        if (state.Dropped.ContainsKey(platform))
            return $"platform {platform} is dropped already";
        Do(new SchedulerEvent.PlatformDropped(platform, now, state.Queues.ContainsKey(platform)));
        return null;
    }

    /// <param name="lost">Jobs that cannot come back because their name was used anew meanwhile.</param>
    public string? Undrop(ByteString wanted, Timestamp now, out IReadOnlyList<JobName> lost)
    {
        lost = [];
        if (!Platform.TryParse(wanted, out var platform, out var reason))
            return reason;
        if (!state.Dropped.TryGetValue(platform, out var suspended))
            return $"platform {platform} is not dropped";
        lost = [.. suspended.Jobs.Keys.Where(state.Jobs.ContainsKey)];
        Do(new SchedulerEvent.PlatformUndropped(platform));
        if (!suspended.HadQueue && suspended.Entries.Count == 0)
            return null;

        OpenQueue(platform);
        var queue = state.Queues[platform];
        foreach (var (name, attempts) in suspended.Entries)
        {
            if (state.Jobs.TryGetValue(name, out var job) && (job.Platform is null || job.Platform == platform))
            {
                var position = queue.PositionFor(job.Options.Owner, job.Options.Priority);
                Do(new SchedulerEvent.Enqueued(platform, name, position, attempts, now));
            }
        }
        foreach (var job in state.Jobs.Values.Where(job => job.Platform is null && job.Added >= suspended.At).ToArray())
            EnqueueAt(queue, job, now);
        return null;
    }
}

using Builder.Protocol.Messages;
using Builder.Protocol.StateFiles;
using Builder.Protocol.Values;
using Builder.Server.Options;

namespace Builder.Server.Scheduling;

internal sealed partial class Scheduler
{
    /// <summary>Takes over the state of an original server. Only for a state that is empty still.</summary>
    /// <returns>What could not be taken over, or not as it stood, in words.</returns>
    public IReadOnlyList<string> Import(IReadOnlyList<StateItem> items, Timestamp now)
    {
        var problems = new List<string>();
        foreach (var item in items.OfType<StateItem.DroppedPlatform>())
        {
            if (!Platform.TryParse(item.Platform, out var platform, out var reason))
                problems.Add($"a dropped platform is left out: {reason}");
            else if (!state.Dropped.ContainsKey(platform))
                Do(new SchedulerEvent.PlatformDropped(platform, now, HadQueue: false));
        }
        foreach (var item in items.OfType<StateItem.Schedule>())
            ImportItem(item.Item, now, problems);
        foreach (var item in items.OfType<StateItem.Queue>())
            ImportQueue(item.Items, now, problems);
        foreach (var item in items.OfType<StateItem.Legacy>())
            problems.Add($"job \"{item.Job.Name}\" is left out: it stands in a form of earlier versions, without a schedule");
        return problems;
    }

    /// <summary>
    /// Puts the state of an original server, which ran meanwhile, in place of schedule, queues and drops. What it has no place for stays
    /// with jobs of the same name.
    /// </summary>
    /// <returns>What could not be taken over, or not as it stood, in words.</returns>
    public IReadOnlyList<string> Replace(IReadOnlyList<StateItem> items, Timestamp now)
    {
        foreach (var platform in state.Dropped.Keys.ToArray())
            Do(new SchedulerEvent.PlatformUndropped(platform));
        var before = state.Jobs.Values.ToArray();
        foreach (var job in before)
            Do(new SchedulerEvent.JobUnscheduled(job.Name));
        foreach (var platform in state.Queues.Keys.ToArray())
            Do(new SchedulerEvent.QueueClosed(platform));
        var problems = Import(items, now);
        foreach (var job in before.Where(job => job.Options != JobOptions.Default))
        {
            if (state.Jobs.TryGetValue(job.Name, out var after))
                Do(new SchedulerEvent.JobScheduled(after with { Options = job.Options }));
        }
        return problems;
    }

    public void SeeStateFile(string sha256) => Do(new SchedulerEvent.StateFileSeen(sha256));

    private JobName? ImportItem(ScheduleItem item, Timestamp now, List<string> problems)
    {
        Platform? platform = null;
        if (
            !JobName.TryParse(item.Job.Name, out var name, out var reason)
            || (reason = ServerDirectory.Refuse(name)) is not null
            || (item.Job is ScriptJob script && !Platform.TryParse(script.Platform, out platform, out reason))
        )
        {
            problems.Add($"job \"{item.Job.Name}\" is left out: {reason}");
            return null;
        }
        if (state.Jobs.ContainsKey(name) || state.FindSuspended(name) is not null)
        {
            problems.Add($"job \"{name}\" stands there twice: the first is taken");
            return null;
        }
        var job = new ScheduledJob(name, item.Job, item.Period, item.Next, now, JobOptions.Default);
        if (platform is not null && state.Dropped.ContainsKey(platform))
            Do(new SchedulerEvent.JobSuspended(platform, job));
        else
            Do(new SchedulerEvent.JobScheduled(job));
        return name;
    }

    private void ImportQueue(PlatformQueue queue, Timestamp now, List<string> problems)
    {
        if (!Platform.TryParse(queue.Platform, out var platform, out var reason))
        {
            problems.Add($"a queue of {queue.Jobs.Count} jobs is left out: {reason}");
            return;
        }
        if (state.Dropped.ContainsKey(platform))
        {
            problems.Add($"the queue of platform {platform} is left out: the platform is dropped");
            return;
        }
        OpenQueue(platform);
        foreach (var job in queue.Jobs)
            ImportEntry(platform, job, now, problems);
    }

    private void ImportEntry(Platform platform, Job job, Timestamp now, List<string> problems)
    {
        if (!JobName.TryParse(job.Name, out var name, out _) || !state.Jobs.TryGetValue(name, out var scheduled))
        {
            // Queued without being in the schedule: kept, as one that is built only when asked for.
            name = ImportItem(new ScheduleItem(Timestamp.Never, Period.Never, job), now, problems);
            if (name is null || !state.Jobs.TryGetValue(name, out scheduled))
                return;
        }
        if (scheduled.Platform is { } own && own != platform)
        {
            problems.Add($"job \"{name}\" stood in the queue of {platform}, it is queued for {own}");
            OpenQueue(own);
            platform = own;
        }
        EnqueueAt(state.Queues[platform], scheduled, now);
    }
}

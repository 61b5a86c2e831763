using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

internal sealed partial class Scheduler
{
    /// <summary>Makes the schedule what is wanted, changing only what differs: all of it, or where one job is refused nothing.</summary>
    /// <param name="removesOthers">Also removes the jobs that are not wanted.</param>
    /// <param name="isDryRun">Only says what would change.</param>
    public (string? Refusal, IReadOnlyList<JobChange> Changes) Apply(
        IReadOnlyList<WantedJob> wanted,
        bool removesOthers,
        bool isDryRun,
        Timestamp now
    )
    {
        var changes = new List<JobChange>();
        var names = new HashSet<JobName>();
        foreach (var job in wanted)
        {
            if (Accept(job.Job, job.Options, out var name) is { } refusal)
                return ($"job \"{job.Job.Name}\": {refusal}", []);
            if (!names.Add(name!))
                return ($"job \"{name}\" is given twice", []);
            changes.Add(new JobChange(name!, KindOf(name!, job)));
        }
        if (removesOthers)
            changes.AddRange(
                state.Jobs.Keys.Where(name => !names.Contains(name)).Order().Select(name => new JobChange(name, JobChangeKind.Removed))
            );
        if (isDryRun)
            return (null, changes);
        foreach (var job in wanted)
            Put(job.Job, job.Period, job.Options, now, out _);
        foreach (var removed in changes.Where(change => change.Kind == JobChangeKind.Removed))
            Do(new SchedulerEvent.JobUnscheduled(removed.Name));
        return (null, changes);
    }

    private JobChangeKind KindOf(JobName name, WantedJob wanted)
    {
        if (!state.Jobs.TryGetValue(name, out var job))
            return JobChangeKind.Added;
        return job.Job == wanted.Job && job.Period == wanted.Period && job.Options == wanted.Options
            ? JobChangeKind.Same
            : JobChangeKind.Changed;
    }
}

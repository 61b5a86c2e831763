using Builder.Protocol.Values;

namespace Builder.Server.Scheduling;

/// <summary>
/// A change of the scheduler's state, and an entry of the journal. Replaying the events in order gives the state again;
/// a snapshot is a short list of events that gives the same state.
/// </summary>
internal abstract record SchedulerEvent
{
    private SchedulerEvent() { }

    /// <summary>A job came into the schedule, or changed in it.</summary>
    public sealed record JobScheduled(ScheduledJob Job) : SchedulerEvent;

    /// <summary>A job left the schedule, and every queue.</summary>
    public sealed record JobUnscheduled(JobName Name) : SchedulerEvent;

    public sealed record NextChanged(JobName Name, Timestamp Next, Period Period) : SchedulerEvent;

    public sealed record QueueOpened(Platform Platform, long VirtualTime) : SchedulerEvent;

    /// <summary>No worker asks for the platform any more, and no job is for it: its queue goes, with what stands in it.</summary>
    public sealed record QueueClosed(Platform Platform) : SchedulerEvent;

    /// <summary>The original's state file with this SHA-256 was read or written: only another one is news.</summary>
    public sealed record StateFileSeen(string Sha256) : SchedulerEvent;

    /// <summary>A job of the schedule came into a queue, or to another place in it.</summary>
    public sealed record Enqueued(Platform Platform, JobName Name, QueuePosition Position, int Attempts, Timestamp Since) : SchedulerEvent;

    /// <summary>The platform's queue, if it has one, and its script jobs are put away until it is undropped.</summary>
    public sealed record PlatformDropped(Platform Platform, Timestamp At, bool HadQueue) : SchedulerEvent;

    public sealed record PlatformUndropped(Platform Platform) : SchedulerEvent;

    /// <summary>In a snapshot: a job that was put away with its platform.</summary>
    public sealed record JobSuspended(Platform Platform, ScheduledJob Job) : SchedulerEvent;

    /// <summary>The name was in the queue of a dropped platform, or comes to it now.</summary>
    public sealed record EntrySuspended(Platform Platform, JobName Name, bool Front, int Attempts) : SchedulerEvent;

    /// <summary>The worker of this name gets no more jobs.</summary>
    public sealed record WorkerDrained(string Worker) : SchedulerEvent;

    public sealed record WorkerUndrained(string Worker) : SchedulerEvent;

    public sealed record LeaseGranted(Lease Lease) : SchedulerEvent;

    /// <summary>The worker was lost; what becomes of the job is said by the event that follows.</summary>
    public sealed record LeaseReturned(BuildUuid Uuid) : SchedulerEvent;

    /// <summary>The lease has its result: the build is on disk.</summary>
    /// <param name="Next">The repetition that comes next, in one event with the build: neither is there without the other.</param>
    /// <param name="Good">What can be repeated of it later; null where nothing is kept.</param>
    public sealed record BuildRecorded(SpooledBuild Build, bool Spooled, Repetition? Next = null, Repetition? Good = null) : SchedulerEvent;

    public sealed record RepetitionQueued(Repetition Repetition, bool AtFront) : SchedulerEvent;

    /// <summary>The last good build of a job on a platform, in a snapshot; or its time to be checked again has come.</summary>
    public sealed record GoodBuildKept(Repetition Good) : SchedulerEvent;

    public sealed record BuildUploaded(BuildUuid Uuid) : SchedulerEvent;
}

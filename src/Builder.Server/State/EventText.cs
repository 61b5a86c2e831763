using Builder.Protocol.Values;
using Builder.Server.Formats;
using Builder.Server.Scheduling;

namespace Builder.Server.State;

/// <summary>An event of the journal in a line, for an operator who looks at what can be saved.</summary>
internal static class EventText
{
    public static string Of(SchedulerEvent change) =>
        change switch
        {
            SchedulerEvent.JobScheduled(var job) => $"job {job.Name} scheduled",
            SchedulerEvent.JobUnscheduled(var name) => $"job {name} unscheduled",
            SchedulerEvent.NextChanged(var name, var next, _) =>
                $"job {name} due next {(next >= Timestamp.Never ? "never" : $"at {Rfc3339.Of(next)}")}",
            SchedulerEvent.QueueOpened(var platform, _) => $"platform {platform} has a queue",
            SchedulerEvent.QueueClosed(var platform) => $"platform {platform} has no queue any more",
            SchedulerEvent.Enqueued(var platform, var name, _, _, _) => $"job {name} queued for {platform}",
            SchedulerEvent.PlatformDropped(var platform, _, _) => $"platform {platform} dropped",
            SchedulerEvent.PlatformUndropped(var platform) => $"platform {platform} undropped",
            SchedulerEvent.JobSuspended(var platform, var job) => $"job {job.Name} put away with platform {platform}",
            SchedulerEvent.EntrySuspended(var platform, var name, _, _) => $"job {name} put away in the queue of platform {platform}",
            SchedulerEvent.LeaseGranted(var lease) => $"job {lease.Name} handed out as build {lease.Uuid}",
            SchedulerEvent.LeaseReturned(var uuid) => $"build {uuid} given back",
            SchedulerEvent.BuildRecorded(var build, var isSpooled, _, _) =>
                $"build {build.Uuid} of job {build.Name} recorded{(isSpooled ? ", to be uploaded" : "")}",
            SchedulerEvent.RepetitionQueued(var repetition, _) =>
                $"build {repetition.Repeats} of job {repetition.Name} queued to be repeated",
            SchedulerEvent.WorkerDrained(var worker) => $"worker {worker} drained",
            SchedulerEvent.WorkerUndrained(var worker) => $"worker {worker} gets jobs again",
            SchedulerEvent.GoodBuildKept(var good) => $"build {good.Repeats} of job {good.Name} kept to be repeated",
            SchedulerEvent.BuildUploaded(var uuid) => $"build {uuid} uploaded",
            SchedulerEvent.StateFileSeen(var sha256) => $"state file of the original with SHA-256 {sha256} seen",
            _ => change.GetType().Name,
        };
}

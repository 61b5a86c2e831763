using Builder.Protocol;
using Builder.Server.Scheduling;

namespace Builder.Server.Connections;

/// <summary>The state as the original's clients see it.</summary>
internal static class ServerInfoView
{
    public static ServerInfo Of(SchedulerState state) => new(
        [.. state.ByNext.Reverse().Select(job => new ScheduleItem(job.Next, job.Period, job.Job))],
        [.. state.Queues.Values.Select(queue => new PlatformQueue(queue.Platform.Bytes, Jobs(queue)))],
        [.. state.Leases.Values.Select(lease => new RunningJob(lease.Started, lease.Uuid, lease.Job))],
        [.. state.Dropped.Keys.Select(platform => platform.Bytes)]);

    private static Job[] Jobs(JobQueue queue) => Array.ConvertAll(queue.ToArray(), entry => entry.Job);
}

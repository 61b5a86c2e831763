using Builder.Protocol;
using Builder.Server.Scheduling;

namespace Builder.Server.Connections;

/// <summary>The state as the original's clients see it. Copied under the lock, put in order outside it: nobody waits for a long queue.</summary>
internal static class ServerInfoView
{
    public static ServerInfo Of(Farm farm) => Of(farm.Look(state => new Copy(state)));

    public static ServerInfo Of(SchedulerState state) => Of(new Copy(state));

    private static ServerInfo Of(Copy copy)
    {
        var schedule = SchedulerState.SortByNext(copy.Jobs);
        Array.Reverse(schedule);
        return new ServerInfo(
            Array.ConvertAll(schedule, job => new ScheduleItem(job.Next, job.Period, job.Job)),
            Array.ConvertAll(copy.Queues, queue => new PlatformQueue(queue.Platform.Bytes, Array.ConvertAll(JobQueue.Sort(queue.Entries), entry => entry.Job))),
            Array.ConvertAll(copy.Leases, lease => new RunningJob(lease.Started, lease.Uuid, lease.Job)),
            Array.ConvertAll(copy.Dropped, platform => platform.Bytes));
    }

    private sealed class Copy(SchedulerState state)
    {
        public ScheduledJob[] Jobs { get; } = [.. state.Jobs.Values];

        public (Platform Platform, QueueEntry[] Entries)[] Queues { get; } = [.. state.Queues.Values.Select(queue => (queue.Platform, queue.ToArray()))];

        public Lease[] Leases { get; } = [.. state.Leases.Values];

        public Platform[] Dropped { get; } = [.. state.Dropped.Keys];
    }
}

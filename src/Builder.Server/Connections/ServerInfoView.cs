using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Dispatch;
using Builder.Server.Scheduling;

namespace Builder.Server.Connections;

/// <summary>The state as the original's clients see it. Looked at under the lock, copied outside it: nobody waits for a long queue.</summary>
internal static class ServerInfoView
{
    public static ServerInfo Of(Dispatcher farm) => Of(farm.Look(state => new Moment(state)));

    public static ServerInfo Of(SchedulerState state) => Of(new Moment(state));

    /// <summary>As the original, what comes last first.</summary>
    private static ServerInfo Of(Moment moment)
    {
        return new ServerInfo(
            moment.Schedule.Select(job => new ScheduleItem(job.Next, job.Period, job.Job), lastFirst: true),
            Array.ConvertAll(moment.Queues, queue => new PlatformQueue(queue.Platform.Bytes, queue.Entries.Select(entry => entry.Job))),
            Array.ConvertAll(moment.Leases, lease => new RunningJob(lease.Started, lease.Uuid, lease.Job)),
            Array.ConvertAll(moment.Dropped, platform => platform.Bytes)
        );
    }

    private sealed class Moment(SchedulerState state)
    {
        public Ordered<ScheduledJob> Schedule { get; } = state.InOrder();

        public (Platform Platform, Ordered<QueueEntry> Entries)[] Queues { get; } =
        [.. state.Queues.Values.Select(queue => (queue.Platform, queue.InOrder()))];

        public Lease[] Leases { get; } = [.. state.Leases.Values];

        public Platform[] Dropped { get; } = [.. state.Dropped.Keys];
    }
}

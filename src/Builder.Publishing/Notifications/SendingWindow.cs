using Builder.Publishing.Channels;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Notifications;

/// <summary>Some events in a row, and which of them are done with. Several deliveries may report at once.</summary>
internal sealed class SendingWindow
{
    private readonly Lock gate = new();
    private readonly IReadOnlyList<OutboxEvent> events;
    private readonly List<OutboxEvent> wanted;

    /// <summary>Event by event the reason of its refusal; null for one that was delivered or is not wanted.</summary>
    private readonly Dictionary<long, string?> settled = [];

    /// <summary>Delivered behind one that is not done with; kept for the next window.</summary>
    private readonly HashSet<long> ahead;

    private int noted;
    private int delivered;

    public SendingWindow(IReadOnlyList<OutboxEvent> events, EventFilter filter, HashSet<long> ahead)
    {
        this.events = events;
        this.ahead = ahead;
        wanted = [.. events.Where(one => filter.Matches(one) && !ahead.Contains(one.Id))];
        foreach (var one in events.Except(wanted))
            settled[one.Id] = null;
    }

    public OutboxEvent? FirstWanted => wanted.FirstOrDefault();

    /// <summary>Deliveries since progress was taken.</summary>
    public int Unnoted
    {
        get
        {
            lock (gate)
                return delivered;
        }
    }

    /// <summary>Messages in the order in which they are sent: one sequence, or with several at once one for each job.</summary>
    public IReadOnlyList<IReadOnlyList<OutboxEvent[]>> Lanes(int parallel, int maxEvents) =>
        parallel == 1
            ?
            [
                [.. wanted.Chunk(maxEvents)],
            ]
            : [.. wanted.GroupBy(static one => one.Job).Select(lane => (IReadOnlyList<OutboxEvent[]>)[.. lane.Chunk(maxEvents)])];

    public void Settle(IReadOnlyList<OutboxEvent> message, Delivery delivery)
    {
        lock (gate)
        {
            foreach (var one in message)
            {
                settled[one.Id] = delivery is Delivery.Refused(var problem) ? problem : null;
                if (delivery is Delivery.Delivered)
                {
                    delivered++;
                    ahead.Add(one.Id);
                }
            }
        }
    }

    /// <summary>What is new since the last call: up to the first event that is not done with.</summary>
    /// <returns>Null where not even the first is.</returns>
    public TargetProgress? TakeProgress()
    {
        lock (gate)
        {
            var setAside = new List<(long, string)>();
            for (; noted < events.Count && settled.TryGetValue(events[noted].Id, out var problem); noted++)
            {
                ahead.Remove(events[noted].Id);
                if (problem is not null)
                    setAside.Add((events[noted].Id, problem));
            }
            if (noted == 0)
                return null;
            var progress = new TargetProgress(events[noted - 1].Id, delivered, setAside, delivered + setAside.Count > 0);
            delivered = 0;
            return progress;
        }
    }
}

using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Dispatch;

/// <summary>Where the builds that ended last go over their budgets, for clients that observed them. After a restart the server does not know.</summary>
internal sealed class FinishedBuilds
{
    private const int MaxBuilds = 1000;

    private readonly Lock gate = new();
    private readonly Dictionary<BuildUuid, IReadOnlyList<BudgetExcess>> known = [];
    private readonly Queue<BuildUuid> order = new();

    public void Add(BuildUuid uuid, IReadOnlyList<BudgetExcess> over)
    {
        lock (gate)
        {
            if (!known.TryAdd(uuid, over))
                return;
            order.Enqueue(uuid);
            if (order.Count > MaxBuilds)
                known.Remove(order.Dequeue());
        }
    }

    /// <summary>Null for a build that is not among the last ones.</summary>
    public IReadOnlyList<BudgetExcess>? Find(BuildUuid uuid)
    {
        lock (gate)
            return known.GetValueOrDefault(uuid);
    }
}

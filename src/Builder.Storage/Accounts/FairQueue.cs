namespace Builder.Storage.Accounts;

/// <summary>
/// A few work at a time; the others wait, not many and not long. Keys take turns, so that one with hundreds of requests delays another's by one turn. Within a key
/// the newest goes first and the oldest gives way: it has waited longest for an answer that it may no longer want.
/// </summary>
/// <param name="maxRunning">Who works at a time.</param>
/// <param name="maxWaitingPerKey">Of one key; one more, and the oldest of them is refused.</param>
/// <param name="maxWaiting">Of all keys; one more, and the key with most of them gives one up.</param>
internal sealed class FairQueue<TKey>(int maxRunning, int maxWaitingPerKey, int maxWaiting)
    where TKey : notnull
{
    private readonly Lock access = new();
    private readonly Dictionary<TKey, LinkedList<Waiter>> waiting = [];

    /// <summary>Whose turn comes next.</summary>
    private readonly LinkedList<TKey> turns = [];

    private int running;
    private int waitingCount;

    /// <summary>Whoever gets true has to call <see cref="Leave"/>; false is refused.</summary>
    public async Task<bool> EnterAsync(TKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (access)
        {
            if (running < maxRunning)
            {
                running++;
                return true;
            }
            if (!MakeRoom(key))
                return false;
            waiter = new Waiter(key);
            Add(waiter);
        }
        await using var registration = cancellationToken.Register(() => Cancel(waiter, cancellationToken));
        return await waiter.Entered.Task;
    }

    public void Leave()
    {
        lock (access)
        {
            if (turns.First is not { Value: var key })
            {
                running--;
                return;
            }
            turns.RemoveFirst();
            turns.AddLast(key);
            var next = waiting[key].Last!.Value;
            Remove(next);
            next.Entered.SetResult(true);
        }
    }

    private bool MakeRoom(TKey key)
    {
        var own = waiting.TryGetValue(key, out var list) ? list.Count : 0;
        if (own < maxWaitingPerKey && waitingCount < maxWaiting)
            return true;
        var giving = own >= maxWaitingPerKey ? key : waiting.MaxBy(static pair => pair.Value.Count).Key;
        if (waiting[giving].Count < own)
            return false;
        var oldest = waiting[giving].First!.Value;
        Remove(oldest);
        oldest.Entered.SetResult(false);
        return true;
    }

    private void Add(Waiter waiter)
    {
        if (!waiting.TryGetValue(waiter.Key, out var list))
        {
            waiting[waiter.Key] = list = [];
            turns.AddLast(waiter.Key);
        }
        waiter.Place = list.AddLast(waiter);
        waitingCount++;
    }

    private void Remove(Waiter waiter)
    {
        var list = waiting[waiter.Key];
        list.Remove(waiter.Place!);
        waiter.Place = null;
        waitingCount--;
        if (list.Count > 0)
            return;
        waiting.Remove(waiter.Key);
        turns.Remove(waiter.Key);
    }

    private void Cancel(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (access)
        {
            if (waiter.Place is null)
                return;
            Remove(waiter);
            waiter.Entered.SetCanceled(cancellationToken);
        }
    }

    private sealed class Waiter(TKey key)
    {
        public TKey Key { get; } = key;

        public LinkedListNode<Waiter>? Place { get; set; }

        public TaskCompletionSource<bool> Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

using Builder.Protocol.Values;
using Builder.Server.Scheduling;

namespace Builder.Server.Dispatch;

/// <summary>Workers that wait for a job, by platform, first come, first served. Not thread-safe: the farm has the lock.</summary>
internal sealed class WaitingWorkers
{
    private readonly Dictionary<Platform, LinkedList<WaitingWorker>> lines = [];

    public void Add(WaitingWorker worker)
    {
        if (!lines.TryGetValue(worker.Platform, out var line))
            lines.Add(worker.Platform, line = new LinkedList<WaitingWorker>());
        line.AddLast(worker);
    }

    /// <returns>False where it has a job by now, or was dismissed.</returns>
    public bool Remove(WaitingWorker worker)
    {
        if (!lines.TryGetValue(worker.Platform, out var line) || !line.Remove(worker))
            return false;
        if (line.Count == 0)
            lines.Remove(worker.Platform);
        return true;
    }

    /// <summary>Gives each the job that <paramref name="take"/> has for it, as long as there are any.</summary>
    /// <param name="isChoosy">Whether what a platform has may be for a later worker where it is not for an earlier one.</param>
    public void HandOut(Func<WaitingWorker, Lease?> take, Func<Platform, bool> isChoosy)
    {
        List<Platform>? served = null;
        foreach (var (platform, line) in lines)
        {
            for (var next = line.First; next is not null; )
            {
                var worker = next;
                next = next.Next;
                if (take(worker.Value) is { } lease)
                {
                    line.Remove(worker);
                    worker.Value.Lease.SetResult(lease);
                }
                else if (!isChoosy(platform))
                {
                    break;
                }
            }
            if (line.Count == 0)
                (served ??= []).Add(platform);
        }
        foreach (var platform in served ?? [])
            lines.Remove(platform);
    }

    /// <summary>Tells those of the platform to stop; returns how many there were.</summary>
    public int Dismiss(Platform platform)
    {
        if (!lines.Remove(platform, out var line))
            return 0;
        foreach (var worker in line)
            worker.Lease.TrySetException(new WorkerDismissedException(platform));
        return line.Count;
    }

    public IEnumerable<WaitingWorker> All(Platform platform) => lines.GetValueOrDefault(platform) ?? [];

    public bool Has(Platform platform) => lines.ContainsKey(platform);

    public IEnumerable<WaitingWorker> All() => lines.Values.SelectMany(line => line);

    public Dictionary<Platform, int> Count() => lines.ToDictionary(pair => pair.Key, pair => pair.Value.Count);
}

using Builder.Protocol;
using Builder.Server.Scheduling;
using Microsoft.Extensions.Logging;

namespace Builder.Server.State;

/// <summary>The original server's state file: taken over at the first start, written on request, never changed otherwise.</summary>
internal static class OriginalState
{
    private const long LongestFile = 1L << 30;

    /// <exception cref="InvalidDataException">The file is there, but is not a state file: to start without it would lose the schedule.</exception>
    public static void Read(string path, Scheduler scheduler, TimeProvider clock, ILogger logger)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            return;
        if (file.Length > LongestFile)
            throw new InvalidDataException($"{path} is longer than {LongestFile} bytes");
        IReadOnlyList<StateItem> items;
        try
        {
            items = StateFile.Decode(File.ReadAllBytes(path));
        }
        catch (ProtocolException error)
        {
            throw new InvalidDataException($"{path} is not a state file: {error.Message}; move it away to start with an empty schedule", error);
        }
        foreach (var problem in scheduler.Import(items, Timestamp.Now(clock)))
            logger.StateFileProblem(problem);
        logger.StateFileRead(path, scheduler.State.Jobs.Count);
    }

    /// <summary>What an original server would have: what runs is queued in front, what is suspended is not there.</summary>
    public static IReadOnlyList<StateItem> Of(SchedulerState state)
    {
        var items = new List<StateItem>();
        items.AddRange(state.Dropped.Keys.Select(platform => new StateItem.DroppedPlatform(platform.Bytes)));
        items.AddRange(state.InOrder().Select(job => new StateItem.Schedule(new ScheduleItem(job.Next, job.Period, job.Job)), lastFirst: true));
        foreach (var queue in state.Queues.Values)
        {
            var running = state.Leases.Values
                .Where(lease => lease.Platform == queue.Platform && state.Jobs.ContainsKey(lease.Name) && !queue.Contains(lease.Name))
                .Select(lease => state.Jobs[lease.Name].Job);
            var waiting = queue.InOrder().Select(entry => entry.Job);
            items.Add(new StateItem.Queue(new PlatformQueue(queue.Platform.Bytes, [.. running, .. waiting])));
        }
        return items;
    }

    public static void Write(string path, SchedulerState state)
    {
        var bytes = StateFile.Encode(Of(state));
        DurableFiles.Replace(path, stream => stream.Write(bytes));
    }
}

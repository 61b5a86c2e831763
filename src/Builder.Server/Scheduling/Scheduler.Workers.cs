namespace Builder.Server.Scheduling;

internal sealed partial class Scheduler
{
    private const int MaxDrained = 10_000;
    private const int MaxNameLength = 200;

    /// <param name="worker">By <see cref="WorkerNames.Stable"/>; it need not be connected.</param>
    /// <returns>The reason of a refusal, or null.</returns>
    public string? Drain(string worker)
    {
        if (worker.Length is 0 or > MaxNameLength || worker.Any(char.IsControl))
            return $"a worker's name has 1 to {MaxNameLength} characters and no control characters";
        if (state.Drained.Contains(worker))
            return $"worker {worker} is drained already";
        if (state.Drained.Count >= MaxDrained)
            return $"{MaxDrained} workers are drained, which is the limit";
        Do(new SchedulerEvent.WorkerDrained(worker));
        return null;
    }

    public string? Undrain(string worker)
    {
        if (!state.Drained.Contains(worker))
            return $"worker {worker} is not drained";
        Do(new SchedulerEvent.WorkerUndrained(worker));
        return null;
    }
}

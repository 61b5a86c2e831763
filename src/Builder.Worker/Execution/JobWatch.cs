using Builder.Protocol.Values;
using Builder.Worker.Files;
using Builder.Worker.Processes;

namespace Builder.Worker.Execution;

/// <summary>
/// Looks at a running job now and then, for limits that the kernel does not keep here: processes and memory without control
/// groups, and the disk. A job may pass a limit for as long as it takes to look again.
/// </summary>
/// <param name="root">The process that the job's processes descend from.</param>
/// <param name="directory">What the job writes is below it.</param>
internal sealed class JobWatch(int root, string directory, JobLimits limits, TimeProvider clock)
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(200);

    /// <returns>The limit that the job passed, for people; it does not end before that or its cancellation.</returns>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var interval = ShortestInterval;
        while (true)
        {
            await Task.Delay(interval, clock, cancellationToken);
            var started = clock.GetTimestamp();
            if (Exceeded(cancellationToken) is { } limit)
                return limit;
            // Trees of many files take long to look at: no more than a twentieth of the time is spent on that.
            interval = clock.GetElapsedTime(started) * 20;
            if (interval < ShortestInterval)
                interval = ShortestInterval;
        }
    }

    /// <summary>For the disk also once the job has ended: no job passes that limit unseen.</summary>
    public string? DiskExceeded(CancellationToken cancellationToken) =>
        limits.MaxDiskBytes is { } maxDisk && DiskUsage.Of(directory, maxDisk, cancellationToken) > maxDisk
            ? $"the job has more than {maxDisk} bytes on disk (limit: max-disk)"
            : null;

    private string? Exceeded(CancellationToken cancellationToken)
    {
        if (limits.MaxProcesses is not null || limits.MaxMemoryBytes is not null)
        {
            var processes = ProcessTree.DescendantsOf(root);
            if (limits.MaxProcesses is { } maxProcesses && processes.Sum(ProcessTree.ThreadsOf) >= maxProcesses)
                return $"the limit of {maxProcesses} processes was reached (limit: pids)";
            if (
                limits.MaxMemoryBytes is { } maxMemory
                && processes.Sum(ProcessTree.OwnMemoryOf) > maxMemory
                && processes.Sum(ProcessTree.ShareOfMemoryOf) > maxMemory
            )
            {
                return $"the memory limit of {maxMemory} bytes was reached (limit: memory)";
            }
        }
        return DiskExceeded(cancellationToken);
    }
}

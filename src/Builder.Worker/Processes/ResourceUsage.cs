namespace Builder.Worker.Processes;

/// <summary>What an execution took, all its processes together.</summary>
/// <param name="PeakMemoryBytes">Of the whole control group where there is one, else of the largest process.</param>
/// <param name="BytesWritten">To file systems on a disk, as far as the kernel charges the processes for it.</param>
public sealed record ResourceUsage(TimeSpan ProcessorTime, long PeakMemoryBytes, long BytesWritten)
{
    public static ResourceUsage None { get; } = new(TimeSpan.Zero, 0, 0);
}

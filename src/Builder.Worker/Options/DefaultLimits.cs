using Builder.Protocol.Values;

namespace Builder.Worker.Options;

/// <summary>The limits of every job where the worker's operator sets no others: far above what builds need, far below what harms a machine.</summary>
public static class DefaultLimits
{
    private const long Gibibyte = 1L << 30;

    /// <summary>
    /// 4096 processes, nine tenths of the memory of the machine or container, 50 GiB on disk, 256 MiB of console, 20,000 artifacts
    /// with 10 GiB together.
    /// </summary>
    public static JobLimits OfThisMachine() =>
        new()
        {
            MaxProcesses = 4096,
            MaxMemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 10 * 9,
            MaxDiskBytes = 50 * Gibibyte,
            MaxConsoleBytes = Gibibyte / 4,
            MaxArtifacts = 20_000,
            MaxArtifactBytes = 10 * Gibibyte,
        };
}

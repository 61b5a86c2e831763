namespace Builder.Protocol.Values;

/// <summary>
/// What one job may take, all its processes together; null where nothing is said. A worker has limits of its own, the server
/// may send others with a job: <see cref="Tightest"/> combines them.
/// </summary>
public sealed record JobLimits
{
    /// <summary>No limit at all.</summary>
    public static JobLimits None { get; } = new();

    /// <summary>Processes and threads that exist at one time.</summary>
    public long? MaxProcesses { get; init; }

    /// <summary>Bytes of memory in use at one time.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>Bytes on disk at one time, temporary files included.</summary>
    public long? MaxDiskBytes { get; init; }

    /// <summary>Bytes that the job prints, newlines included.</summary>
    public long? MaxConsoleBytes { get; init; }

    /// <summary>Files that the job leaves as its result.</summary>
    public long? MaxArtifacts { get; init; }

    /// <summary>Bytes of all files that the job leaves.</summary>
    public long? MaxArtifactBytes { get; init; }

    /// <summary>True where at least one limit is set.</summary>
    public bool Any => this != None;

    /// <summary>The smaller one of each limit: neither a job nor a server can raise what the worker's operator set.</summary>
    public JobLimits Tightest(JobLimits other) =>
        new()
        {
            MaxProcesses = Smaller(MaxProcesses, other.MaxProcesses),
            MaxMemoryBytes = Smaller(MaxMemoryBytes, other.MaxMemoryBytes),
            MaxDiskBytes = Smaller(MaxDiskBytes, other.MaxDiskBytes),
            MaxConsoleBytes = Smaller(MaxConsoleBytes, other.MaxConsoleBytes),
            MaxArtifacts = Smaller(MaxArtifacts, other.MaxArtifacts),
            MaxArtifactBytes = Smaller(MaxArtifactBytes, other.MaxArtifactBytes),
        };

    private static long? Smaller(long? one, long? other) => one is null || other < one ? other : one;
}

namespace Builder.Worker.Isolation;

/// <summary>How jobs are kept apart from the machine and from each other. What cannot be had is an error, never left out.</summary>
public sealed record IsolationOptions
{
    public SandboxKind Sandbox { get; init; }

    /// <summary>Whether a job in a sandbox reaches the network.</summary>
    public SandboxNetwork Network { get; init; }

    /// <summary>Files and directories that no job in a sandbox may see, such as the worker's key.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    public ResourceLimits Limits { get; init; } = new();
}

public enum SandboxKind
{
    /// <summary>The container, jail or machine around the worker is all there is.</summary>
    None,

    Bubblewrap,
}

public enum SandboxNetwork
{
    None,
    Host,
}

/// <summary>Limits of a job with all its processes; null for none.</summary>
/// <param name="Cpus">How many processors' time it may take.</param>
public sealed record ResourceLimits(long? MemoryBytes = null, double? Cpus = null, long? Processes = null)
{
    public bool Any => MemoryBytes is not null || Cpus is not null || Processes is not null;
}

namespace Builder.Worker.Options;

/// <summary>How jobs are kept apart from the machine and from each other. What cannot be had is an error, never left out.</summary>
public sealed record IsolationOptions
{
    public SandboxKind Sandbox { get; init; }

    /// <summary>Whether a job in a sandbox reaches the network.</summary>
    public SandboxNetwork Network { get; init; }

    /// <summary>Hosts that a job reaches with <see cref="SandboxNetwork.Outbound"/> although their addresses are not public: names or addresses.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Files and directories that jobs in a sandbox see, read-only, beyond programs, libraries and their settings.</summary>
    public IReadOnlyList<string> Shown { get; init; } = [];

    /// <summary>The directory tree that jobs in a sandbox see as their root directory; null for the machine's programs, libraries and settings.</summary>
    public string? Root { get; init; }

    /// <summary>Files and directories that no job in a sandbox may see, such as the worker's key.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>Limits that the kernel must enforce, by control groups.</summary>
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

    /// <summary>Public addresses only, through a network of the job's own: not this host, not its network.</summary>
    Outbound,

    /// <summary>All that the machine reaches, its own ports on loopback too.</summary>
    Host,
}

/// <summary>Limits of a job with all its processes; null for none.</summary>
/// <param name="Cpus">How many processors' time it may take.</param>
public sealed record ResourceLimits(long? MemoryBytes = null, double? Cpus = null, long? Processes = null)
{
    public bool Any => MemoryBytes is not null || Cpus is not null || Processes is not null;
}

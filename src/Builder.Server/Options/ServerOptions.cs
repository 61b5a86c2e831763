using System.Net;
using Builder.Protocol.Framing;
using Builder.Protocol.Values;

namespace Builder.Server.Options;

/// <summary>How a server is set up. Every value has a default that suits one machine.</summary>
public sealed record ServerOptions
{
    /// <summary>Where to listen. Anything but loopback needs keys, or <see cref="IsInsecure"/>.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 for any free port; <see cref="BuilderServer.Port"/> tells which. Null listens on no TCP port: then there must be a socket.</summary>
    public int? Port { get; init; } = 1234;

    /// <summary>The option that <see cref="Port"/> comes from, for messages.</summary>
    public string PortOption { get; init; } = "--port";

    /// <summary>A socket in the file system for clients of this machine, guarded by its permissions; null for none. Workers are refused there.</summary>
    public string? Socket { get; init; }

    /// <summary>A socket in the file system for workers of this machine, guarded by its permissions; null for none. Clients are refused there.</summary>
    public string? WorkerSocket { get; init; }

    /// <summary>What a worker must show on <see cref="WorkerSocket"/>; empty for nothing.</summary>
    public ByteString WorkerSecret { get; init; }

    /// <summary>Keeps jobs queued; null for none.</summary>
    public JobHold? Hold { get; init; }

    /// <summary>State, running and finished builds. Made if absent.</summary>
    public required string Directory { get; init; }

    /// <summary>State in PostgreSQL, for several servers of which one serves; null for a journal in <see cref="Directory"/>.</summary>
    public SharedStateOptions? SharedState { get; init; }

    /// <summary>Where finished builds wait for their upload, on a file system that all these servers have; null for <see cref="Directory"/>.</summary>
    public string? SpoolDirectory { get; init; }

    /// <summary>What counts where the original's state file was changed since this server last read or wrote it.</summary>
    public StateChoice State { get; init; }

    /// <summary>Holds the templates <c>orb-build.template.PLATFORM</c>.</summary>
    public required string ConfigurationDirectory { get; init; }

    /// <summary>Where finished builds go; null to leave them on disk.</summary>
    public Uri? Upload { get; init; }

    /// <summary>User and password for <see cref="Upload"/>; null for those that its URL holds, if any.</summary>
    public UploadCredentials? UploadCredentials { get; init; }

    /// <summary>For jobs without one of their own. One hour.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many workers a job may lose before it is recorded as failed. 3.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>How builds are built again, where a job's schedule does not say otherwise.</summary>
    public RebuildOptions Rebuilding { get; init; } = new();

    /// <summary>Longest console of one build, in bytes; what comes after is left out, and said so. 512 MiB.</summary>
    public long MaxConsoleSize { get; init; } = 512L << 20;

    /// <summary>
    /// Of the result of every job, beside <see cref="MaxConsoleSize"/>; a job may have smaller ones. Sent to extended workers, kept by the server
    /// for all others. 100,000 artifacts of 4 GiB together.
    /// </summary>
    public JobLimits JobLimits { get; init; } = new() { MaxArtifacts = 100_000, MaxArtifactBytes = 4L << 30 };

    /// <summary>How far an observer may be behind before lines are left out for it alone, in bytes. 32 MiB.</summary>
    public long ObserverBacklog { get; init; } = 32L << 20;

    /// <summary>How often a worker that knows heartbeats sends one. 10 seconds.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a worker that can come back to its lease gets a sign of life. 5 seconds.</summary>
    public TimeSpan SignInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After a start of the server a worker has so long to come back to its job; then the job is queued again. Zero: jobs are queued again at
    /// once. 2 minutes.
    /// </summary>
    public TimeSpan ResumeTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>After that much silence such a worker has lost its lease. 45 seconds.</summary>
    public TimeSpan LeaseTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>
    /// After that much silence of its console a job of a worker of the original, which sends no heartbeats, is taken for lost.
    /// <see cref="Timeout.InfiniteTimeSpan"/> for never. 30 minutes.
    /// </summary>
    public TimeSpan MaxConsoleSilence { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Memory for messages that have not come in whole, of all peers together, in bytes. 256 MiB.</summary>
    public long MaxFrameMemory { get; init; } = 256L << 20;

    /// <summary>How long an extended worker may take to end a job that is cancelled or over its limit, and to begin to send what it left. One minute.</summary>
    public TimeSpan EndingTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Listens elsewhere than on loopback without keys.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>Wants keys on loopback as well: where jobs on this machine share its network, they could come as workers.</summary>
    public bool RequiresKeys { get; init; }

    /// <summary>Encrypts all TCP connections; null for plain TCP, as the original has it.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>Port for metrics and health over HTTP, on the same address; null for none, 0 for any.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>Nothing is handed out for so long after a build could not be written. 15 seconds.</summary>
    public TimeSpan PauseAfterDiskTrouble { get; init; } = TimeSpan.FromSeconds(15);

    public FrameLimits Limits { get; init; } = FrameLimits.Default with { HandshakeDeadline = TimeSpan.FromSeconds(10) };
}

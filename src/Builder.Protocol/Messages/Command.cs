using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>A message of the wire protocol, one per frame. Who sends it stands with each.</summary>
public abstract record Command
{
    private Command() { }

    /// <summary>Server to worker: build this.</summary>
    public sealed record JobSchedule(BuildUuid Uuid, ScriptJob Job) : Command;

    /// <summary>
    /// Worker to server: the result with every file left behind. Held in memory here; peers stream it, see the reader and
    /// writer of finished jobs.
    /// </summary>
    public sealed record JobFinished(BuildUuid Uuid, ExecutionResult Result, IReadOnlyList<Artifact> Data) : Command;

    /// <summary>Worker to server: a console line.</summary>
    public sealed record Output(BuildUuid Uuid, ByteString Line) : Command;

    /// <summary>Server to observing client: a console line with its time in nanoseconds since the start.</summary>
    public sealed record OutputTimestamped(BuildUuid Uuid, ByteString Line, long TimestampNanoseconds) : Command;

    /// <summary>Client to server.</summary>
    public sealed record Schedule(Period Period, ScriptJob Job) : Command;

    /// <summary>Client to server.</summary>
    public sealed record Info : Command;

    /// <summary>Server to client; <paramref name="IsLegacy"/> for the form without dropped platforms, which is only read.</summary>
    public sealed record InfoReply(ServerInfo Server, bool IsLegacy = false) : Command;

    /// <summary>Client to server.</summary>
    public sealed record Unschedule(ByteString Name) : Command;

    /// <summary>Client to server.</summary>
    public sealed record Observe(BuildUuid Uuid) : Command;

    /// <summary>Client to server.</summary>
    public sealed record ScheduleOrbBuild(Period Period, OrbBuildJob Job) : Command;

    /// <summary>Client to server.</summary>
    public sealed record Reschedule(ByteString Name, Timestamp Next, Period? Period) : Command;

    /// <summary>First message of every peer.</summary>
    public sealed record ClientHello(PeerKind Kind, long Version) : Command;

    /// <summary>The server's answer to a hello it accepts.</summary>
    public sealed record ServerHello : Command;

    /// <summary>Worker to server: give me a job for my platform.</summary>
    public sealed record JobRequested(ByteString Platform) : Command;

    /// <summary>Client to server.</summary>
    public sealed record DropPlatform(ByteString Platform) : Command;

    /// <summary>Client to server.</summary>
    public sealed record UndropPlatform(ByteString Platform) : Command;

    /// <summary>Server to client: done.</summary>
    public sealed record Success : Command;

    /// <summary>Server to client: not done, and why.</summary>
    public sealed record Failure(ByteString Reason) : Command;

    /// <summary>Client to server; without a platform a script job's own, an orb build job's all. Also the legacy form, which is only read.</summary>
    public sealed record Execute(ByteString Name, ByteString? Platform) : Command;

    /// <summary>Extended worker or client to server, after the server's hello: who I am. The key is empty where there is none.</summary>
    public sealed record PeerIdentity(ByteString Name, ByteString Key) : Command;

    /// <summary>Server to extended worker, just before the job: how long it may run.</summary>
    public sealed record TimeLimit(long Seconds) : Command;

    /// <summary>Extended worker to server: I am alive.</summary>
    public sealed record Heartbeat : Command;

    /// <summary>Server to extended worker: end this job. Extended client to server: have this build ended.</summary>
    public sealed record Cancel(BuildUuid Uuid) : Command;

    /// <summary>Extended worker to server, before the result: what the execution took.</summary>
    /// <param name="PeakMemoryBytes">Of the whole job where the worker limits its memory, else of its largest process.</param>
    public sealed record Usage(BuildUuid Uuid, long ProcessorNanoseconds, long PeakMemoryBytes, long BytesWritten) : Command;

    /// <summary>Extended client to server: what the original has no message for. The body is JSON.</summary>
    public sealed record Request(ByteString Verb, ByteString Body) : Command;

    /// <summary>Server to extended client, before success: the answer to a request, in JSON.</summary>
    public sealed record Answer(ByteString Body) : Command;
}

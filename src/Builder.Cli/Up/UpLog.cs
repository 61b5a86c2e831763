using Microsoft.Extensions.Logging;

namespace Builder.Cli.Up;

/// <summary>What <c>builder up</c> says of itself.</summary>
internal static partial class UpLog
{
    [LoggerMessage(1, LogLevel.Information, "{Step}")]
    public static partial void Migrating(this ILogger logger, string step);

    [LoggerMessage(EventId = 2, Message = "worker {Number}: {Line}")]
    public static partial void WorkerSays(this ILogger logger, LogLevel level, int number, string line);

    [LoggerMessage(3, LogLevel.Warning, "worker {Number} ended with status {Status}; it is started again")]
    public static partial void WorkerEnded(this ILogger logger, int number, int status);

    [LoggerMessage(4, LogLevel.Information, "sample job {Name} is scheduled")]
    public static partial void SampleScheduled(this ILogger logger, string name);

    [LoggerMessage(5, LogLevel.Information, "sample job {Name} is built once more, for the verdict")]
    public static partial void SampleRepeated(this ILogger logger, string name);

    [LoggerMessage(6, LogLevel.Information, "all samples are built")]
    public static partial void SamplesDone(this ILogger logger);

    [LoggerMessage(7, LogLevel.Information, "ending: jobs that run are queued again at the next start")]
    public static partial void Ending(this ILogger logger);

    [LoggerMessage(9, LogLevel.Warning, "{Reason}")]
    public static partial void Held(this ILogger logger, string reason);

    [LoggerMessage(
        10,
        LogLevel.Warning,
        "jobs run without a sandbox: they can do everything that {User} can, such as read this installation's keys and passwords and change its builds"
    )]
    public static partial void Unprotected(this ILogger logger, string user);

    [LoggerMessage(
        11,
        LogLevel.Warning,
        "port {Port} on 127.0.0.1 lets every program of this machine in as client and as worker, without a key"
    )]
    public static partial void OpenPort(this ILogger logger, int port);

    [LoggerMessage(EventId = 12, Message = "{Line}")]
    public static partial void SignerSays(this ILogger logger, LogLevel level, string line);

    [LoggerMessage(13, LogLevel.Warning, "the signer ended with status {Status}; it is started again")]
    public static partial void SignerEnded(this ILogger logger, int status);

    [LoggerMessage(8, LogLevel.Information, "packages for {Client} will be published; keep the key in {Folder} safe")]
    public static partial void SetUp(this ILogger logger, string client, string folder);
}

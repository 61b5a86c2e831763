using Builder.Protocol.Values;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Logging;

/// <summary>What the server says of its work. Scripts, console lines and credentials are never logged.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "listening on {Endpoint}")]
    public static partial void Listening(this ILogger logger, string endpoint);

    [LoggerMessage(
        40,
        LogLevel.Information,
        "job {Job}, build {Uuid}: the server waits {Seconds} s for the worker {Worker} to come back to it"
    )]
    public static partial void Awaits(this ILogger logger, JobName job, BuildUuid uuid, string worker, double seconds);

    [LoggerMessage(41, LogLevel.Information, "job {Job}, build {Uuid}: the worker {Worker} has come back to it, at line {Lines}")]
    public static partial void CameBack(this ILogger logger, JobName job, BuildUuid uuid, string worker, long lines);

    [LoggerMessage(
        2,
        LogLevel.Information,
        "stopped with {Running} running jobs; workers that know how come back to them, the other jobs are queued again at the next start"
    )]
    public static partial void Stopped(this ILogger logger, int running);

    [LoggerMessage(3, LogLevel.Debug, "{Count} jobs are due")]
    public static partial void Due(this ILogger logger, int count);

    [LoggerMessage(4, LogLevel.Information, "job {Job} handed to {Worker} for {Platform} as build {Uuid}, attempt {Attempt}")]
    public static partial void HandedOut(this ILogger logger, JobName job, string worker, Platform platform, BuildUuid uuid, int attempt);

    [LoggerMessage(5, LogLevel.Information, "job {Job}, build {Uuid} on {Platform}: {Result}")]
    public static partial void Recorded(this ILogger logger, JobName job, BuildUuid uuid, Platform platform, string result);

    [LoggerMessage(6, LogLevel.Warning, "job {Job}, build {Uuid} on {Platform}, attempt {Attempt}, is queued again: {Reason}")]
    public static partial void Requeued(this ILogger logger, JobName job, BuildUuid uuid, Platform platform, int attempt, string reason);

    [LoggerMessage(
        7,
        LogLevel.Warning,
        "job {Job} stays queued for {Platform}: there is no template orb-build.template.{Platform} in the configuration directory"
    )]
    public static partial void NoTemplate(this ILogger logger, JobName job, Platform platform);

    [LoggerMessage(8, LogLevel.Warning, "build {Uuid} of job {Job} was on disk already when the server was killed: recorded")]
    public static partial void RecoveredBuild(this ILogger logger, JobName job, BuildUuid uuid);

    [LoggerMessage(9, LogLevel.Error, "a build cannot be written, nothing is handed out for {Seconds} s: {Reason}")]
    public static partial void DiskTrouble(this ILogger logger, string reason, double seconds);

    [LoggerMessage(10, LogLevel.Error, "build {Uuid} of job {Job}, which is not in the schedule any more, is lost with the disk trouble")]
    public static partial void CannotRequeue(this ILogger logger, JobName job, BuildUuid uuid);

    [LoggerMessage(11, LogLevel.Warning, "files of build {Uuid} cannot be removed: {Reason}")]
    public static partial void CannotForget(this ILogger logger, BuildUuid uuid, string reason);

    [LoggerMessage(12, LogLevel.Information, "platform {Platform} dropped; {Workers} waiting workers told to stop")]
    public static partial void Dropped(this ILogger logger, string platform, int workers);

    [LoggerMessage(13, LogLevel.Warning, "platform {Platform} undropped, but job {Job} does not come back: the name was used anew")]
    public static partial void NotRestored(this ILogger logger, string platform, JobName job);

    [LoggerMessage(14, LogLevel.Warning, "the state file of the original: {Problem}")]
    public static partial void StateFileProblem(this ILogger logger, string problem);

    [LoggerMessage(15, LogLevel.Information, "read the original's state file {Path}: {Jobs} jobs")]
    public static partial void StateFileRead(this ILogger logger, string path, int jobs);

    [LoggerMessage(
        16,
        LogLevel.Warning,
        "INSECURE: anybody who reaches {Address} can schedule jobs, take them as a worker, and read their scripts"
    )]
    public static partial void Insecure(this ILogger logger, string address);

    [LoggerMessage(17, LogLevel.Warning, "keys travel in clear to {Address}: use --tls-certificate, or let peers come through a tunnel")]
    public static partial void KeysInClear(this ILogger logger, string address);

    [LoggerMessage(18, LogLevel.Warning, "the machine's clock was set back: {Jobs} jobs planned meanwhile are planned anew")]
    public static partial void ClockSetBack(this ILogger logger, int jobs);

    [LoggerMessage(19, LogLevel.Warning, "{Path} differs from the journal in {Count} places and is passed over, as --state=journal says")]
    public static partial void StateFilePassedOver(this ILogger logger, string path, int count);

    [LoggerMessage(20, LogLevel.Error, "the server cannot start yet, trying again every second: {Reason}")]
    public static partial void WaitsToStart(this ILogger logger, string reason);
}

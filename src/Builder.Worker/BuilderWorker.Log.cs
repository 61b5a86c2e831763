using Builder.Protocol.Values;
using Microsoft.Extensions.Logging;

namespace Builder.Worker;

public sealed partial class BuilderWorker
{
    [LoggerMessage(1, LogLevel.Information, "waiting for jobs of {Platform} from {Remote}")]
    private partial void LogWaiting(Platform platform, RemoteAddresses remote);

    [LoggerMessage(2, LogLevel.Information, "build {Uuid} of {Job} started")]
    private partial void LogStarted(BuildUuid uuid, ByteString job);

    [LoggerMessage(
        3,
        LogLevel.Information,
        "build {Uuid} of {Job} ended: {Result}, {Files} files, {ProcessorSeconds:0.00} s of processor time, {PeakMebibytes:0.0} MiB of memory at most"
    )]
    private partial void LogFinished(
        BuildUuid uuid,
        ByteString job,
        ExecutionResult result,
        int files,
        double processorSeconds,
        double peakMebibytes
    );

    [LoggerMessage(4, LogLevel.Warning, "{Reason}; trying again in about {Pause}")]
    private partial void LogTrouble(string reason, TimeSpan pause);

    [LoggerMessage(5, LogLevel.Error, "{Reason}")]
    private partial void LogNotRemoved(string reason);

    [LoggerMessage(6, LogLevel.Information, "isolation of jobs: {Tier}: {Reason}; network: {Network}")]
    private partial void LogIsolation(string tier, string reason, string network);

    [LoggerMessage(
        7,
        LogLevel.Warning,
        "jobs run without a sandbox: a job can read and change what this worker's user can, reach every port of this machine and its network, "
            + "and look into other jobs of the same user; start the worker with --sandbox bubblewrap to prevent that"
    )]
    private partial void LogUnprotected();

    [LoggerMessage(8, LogLevel.Information, "the job repeats build {Repeats}; to be varied: {Vary}")]
    private partial void LogRepeats(BuildUuid repeats, string vary);

    [LoggerMessage(9, LogLevel.Information, "jobs see {Tree} as their root directory: {Root}")]
    private partial void LogRoot(string tree, JobRoot root);

    [LoggerMessage(10, LogLevel.Warning, "{Tree} was changed: it is {Root} now, and was {Before}")]
    private partial void LogRootChanged(string tree, JobRoot before, JobRoot root);

    [LoggerMessage(11, LogLevel.Information, "asked to end: a job that runs is finished first, no other is taken")]
    private partial void LogDraining();

    [LoggerMessage(12, LogLevel.Information, "no job came for {IdleTimeout}: this worker ends")]
    private partial void LogIdle(TimeSpan idleTimeout);

    [LoggerMessage(13, LogLevel.Warning, "{Text}")]
    private partial void LogLink(string text);
}

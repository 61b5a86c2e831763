using Builder.Protocol;
using Microsoft.Extensions.Logging;

namespace Builder.Worker;

public sealed partial class Worker
{
    [LoggerMessage(1, LogLevel.Information, "waiting for jobs of {Platform} from {Remote}")]
    private partial void LogWaiting(Platform platform, RemoteAddress remote);

    [LoggerMessage(2, LogLevel.Information, "build {Uuid} of {Job} started")]
    private partial void LogStarted(BuildUuid uuid, ByteString job);

    [LoggerMessage(3, LogLevel.Information, "build {Uuid} of {Job} ended: {Result}, {Files} files, {ProcessorSeconds:0.00} s of processor time, {PeakMebibytes:0.0} MiB of memory at most")]
    private partial void LogFinished(BuildUuid uuid, ByteString job, ExecutionResult result, int files, double processorSeconds, double peakMebibytes);

    [LoggerMessage(4, LogLevel.Warning, "{Reason}; trying again in about {Pause}")]
    private partial void LogTrouble(string reason, TimeSpan pause);

    [LoggerMessage(5, LogLevel.Error, "{Reason}")]
    private partial void LogNotRemoved(string reason);
}

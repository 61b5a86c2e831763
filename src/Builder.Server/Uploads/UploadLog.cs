using Builder.Protocol.Values;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Uploads;

internal static partial class UploadLog
{
    [LoggerMessage(300, LogLevel.Information, "build {Uuid} of job {Job} uploaded")]
    public static partial void Uploaded(this ILogger logger, JobName job, BuildUuid uuid);

    [LoggerMessage(301, LogLevel.Information, "build {Uuid} of job {Job} was at the web already")]
    public static partial void KnownAlready(this ILogger logger, JobName job, BuildUuid uuid);

    [LoggerMessage(302, LogLevel.Warning, "build {Uuid} of job {Job} could not be uploaded, next try in {Seconds} s: {Reason}")]
    public static partial void NotUploaded(this ILogger logger, JobName job, BuildUuid uuid, double seconds, string reason);

    [LoggerMessage(303, LogLevel.Error, "build {Uuid} of job {Job} is not on disk any more, its upload is given up")]
    public static partial void Missing(this ILogger logger, JobName job, BuildUuid uuid);

    [LoggerMessage(304, LogLevel.Warning, "build {Uuid} of job {Job} is uploaded, but cannot be removed here: {Reason}")]
    public static partial void NotRemoved(this ILogger logger, JobName job, BuildUuid uuid, string reason);

    [LoggerMessage(
        305,
        LogLevel.Error,
        "build {Uuid} of job {Job} is held in the spool, the web will not take it: {Reason}; \"builder client spool --retry {Uuid}\" tries again, --drop {Uuid} gives it up"
    )]
    public static partial void Held(this ILogger logger, JobName job, BuildUuid uuid, string reason);

    [LoggerMessage(306, LogLevel.Warning, "build {Uuid} of job {Job} is dropped from the spool; it stays in {Path}")]
    public static partial void Dropped(this ILogger logger, JobName job, BuildUuid uuid, string path);

    [LoggerMessage(307, LogLevel.Information, "the web takes uploads of up to {Bytes} bytes")]
    public static partial void WebLimit(this ILogger logger, long bytes);

    [LoggerMessage(308, LogLevel.Debug, "the web does not say how long an upload may be: {Reason}")]
    public static partial void NoWebLimit(this ILogger logger, string reason);
}

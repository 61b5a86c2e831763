using Builder.Protocol;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Spool;

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
}

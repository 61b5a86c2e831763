using System.Net;
using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Builder.Storage.Ingestion;
using Builder.Web.Monitoring;

namespace Builder.Web.Uploads;

/// <summary>What became of each upload, for the operator: a line in the log and a count. Passwords and what stands in for one are never logged.</summary>
internal sealed partial class UploadReport(ILogger<UploadReport> log, SiteMetrics metrics, SiteTroubles troubles)
{
    public void Ended(UploadResult result, User user)
    {
        metrics.Upload(
            result switch
            {
                UploadResult.Stored => "stored",
                UploadResult.AlreadyExists => "exists",
                UploadResult.Forbidden => "forbidden",
                _ => "malformed",
            }
        );
        switch (result)
        {
            case UploadResult.Stored stored:
                troubles.Stored();
                LogStored(stored.Uuid, stored.Job, stored.Platform, user.Name);
                break;
            case UploadResult.AlreadyExists existing:
                LogExists(existing.Uuid, existing.Job, user.Name);
                break;
            case UploadResult.Forbidden forbidden:
                LogForbidden(user.Name, forbidden.Job);
                break;
            case UploadResult.Malformed malformed:
                LogMalformed(user.Name, malformed.Reason);
                break;
        }
    }

    /// <summary>The name is not said: people type their password there.</summary>
    public void Unknown(IPAddress address)
    {
        metrics.Upload("unauthorized");
        LogUnknown(address);
    }

    public void TooLarge(User user, long bytes)
    {
        metrics.Upload("too_large");
        LogTooLarge(user.Name, bytes);
    }

    public void Throttled(IPAddress address, TimeSpan retryAfter)
    {
        metrics.Upload("throttled");
        LogThrottled(address, Math.Ceiling(retryAfter.TotalSeconds));
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Information, Message = "build {Uuid} of job {Job} on {Platform} stored, sent by {User}")]
    private partial void LogStored(BuildUuid uuid, JobName job, Platform platform, string user);

    [LoggerMessage(
        EventId = 31,
        Level = LogLevel.Information,
        Message = "build {Uuid} of job {Job} was here already, sent again by {User}"
    )]
    private partial void LogExists(BuildUuid uuid, JobName job, string user);

    [LoggerMessage(
        EventId = 32,
        Level = LogLevel.Warning,
        Message = "upload refused: {User} may not send builds of job {Job} (builder db access-add)"
    )]
    private partial void LogForbidden(string user, JobName job);

    [LoggerMessage(EventId = 33, Level = LogLevel.Warning, Message = "upload of {User} refused: {Reason}")]
    private partial void LogMalformed(string user, string reason);

    [LoggerMessage(
        EventId = 34,
        Level = LogLevel.Warning,
        Message = "upload refused: {Address} gave no name and password that belong together"
    )]
    private partial void LogUnknown(IPAddress address);

    [LoggerMessage(
        EventId = 35,
        Level = LogLevel.Warning,
        Message = "upload refused: too many attempts with a password from {Address}, the next one is looked at in {Seconds} s"
    )]
    private partial void LogThrottled(IPAddress address, double seconds);

    [LoggerMessage(EventId = 36, Level = LogLevel.Warning, Message = "upload of {User} refused: its {Bytes} bytes are too many")]
    private partial void LogTooLarge(string user, long bytes);
}

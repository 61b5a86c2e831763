using Microsoft.Extensions.Logging;

namespace Builder.Server.Shared;

internal static partial class LeaseLog
{
    [LoggerMessage(120, LogLevel.Information, "this server serves now, with epoch {Epoch} of the state; before it served \"{Before}\"")]
    public static partial void Serves(this ILogger logger, long epoch, string before);

    [LoggerMessage(121, LogLevel.Information, "standby: \"{Holder}\" serves, with epoch {Epoch} of the state")]
    public static partial void Standby(this ILogger logger, string holder, long epoch);

    [LoggerMessage(122, LogLevel.Error, "this server does not serve any more, it is a standby now: {Reason}")]
    public static partial void Lost(this ILogger logger, string reason);

    [LoggerMessage(123, LogLevel.Warning, "the lease on the state could not be renewed, it is tried again: {Reason}")]
    public static partial void NotRenewed(this ILogger logger, string reason);

    [LoggerMessage(124, LogLevel.Information, "the lease on the state is renewed again")]
    public static partial void Renewed(this ILogger logger);

    [LoggerMessage(125, LogLevel.Warning, "the lease on the state could not be given back, it runs out by itself: {Reason}")]
    public static partial void NotReleased(this ILogger logger, string reason);

    [LoggerMessage(126, LogLevel.Error, "the database of the state cannot be used, requests wait until it can: {Reason}")]
    public static partial void DatabaseTrouble(this ILogger logger, string reason);

    [LoggerMessage(127, LogLevel.Information, "the database of the state can be used again")]
    public static partial void DatabaseIsBack(this ILogger logger);

    [LoggerMessage(128, LogLevel.Warning, "no snapshot of the state could be written, its events grow on: {Reason}")]
    public static partial void NoSharedSnapshot(this ILogger logger, string reason);

    [LoggerMessage(
        129,
        LogLevel.Warning,
        "finished builds wait for their upload in {Directory} alone: after a takeover they wait until this server serves again. Use --spool"
    )]
    public static partial void SpoolIsLocal(this ILogger logger, string directory);

    [LoggerMessage(130, LogLevel.Information, "state read from the database: {Events} events in {Milliseconds} ms")]
    public static partial void SharedStateRead(this ILogger logger, long events, long milliseconds);

    [LoggerMessage(131, LogLevel.Error, "a start as the serving server failed, this server is a standby again: {Reason}")]
    public static partial void CannotServe(this ILogger logger, string reason);
}

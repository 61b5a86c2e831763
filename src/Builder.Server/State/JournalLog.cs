using Microsoft.Extensions.Logging;

namespace Builder.Server.State;

internal static partial class JournalLog
{
    [LoggerMessage(100, LogLevel.Warning, "{Path} ended in a half-written record: {Bytes} bytes, never acknowledged, were cut off and kept as {Copy}")]
    public static partial void TornTail(this ILogger logger, string path, long bytes, string copy);

    [LoggerMessage(101, LogLevel.Error, "the journal cannot be written, requests wait until it can: {Reason}")]
    public static partial void CannotWrite(this ILogger logger, string reason);

    [LoggerMessage(102, LogLevel.Information, "the journal can be written again")]
    public static partial void WritesAgain(this ILogger logger);

    [LoggerMessage(103, LogLevel.Warning, "no snapshot of the journal could be written, it grows on: {Reason}")]
    public static partial void NoSnapshot(this ILogger logger, string reason);

    [LoggerMessage(104, LogLevel.Information, "journal read: {Events} events in {Milliseconds} ms")]
    public static partial void Replayed(this ILogger logger, long events, long milliseconds);

    [LoggerMessage(105, LogLevel.Warning, "{Path} ended in a half-written record: {Bytes} bytes, never acknowledged, were cut off and could not be kept: {Reason}")]
    public static partial void TornTailNotKept(this ILogger logger, string path, long bytes, string reason);
}

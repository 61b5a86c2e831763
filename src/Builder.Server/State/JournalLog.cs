using Microsoft.Extensions.Logging;

namespace Builder.Server.State;

internal static partial class JournalLog
{
    [LoggerMessage(
        100,
        LogLevel.Warning,
        "{Path} ended at byte {Offset} in a record that was not written to its end: {Bytes} bytes were cut off and kept as {Copy}"
    )]
    public static partial void TornTail(this ILogger logger, string path, long offset, long bytes, string copy);

    [LoggerMessage(101, LogLevel.Error, "the journal cannot be written, requests wait until it can: {Reason}")]
    public static partial void CannotWrite(this ILogger logger, string reason);

    [LoggerMessage(102, LogLevel.Information, "the journal can be written again")]
    public static partial void WritesAgain(this ILogger logger);

    [LoggerMessage(103, LogLevel.Warning, "no snapshot of the journal could be written, it grows on: {Reason}")]
    public static partial void NoSnapshot(this ILogger logger, string reason);

    [LoggerMessage(104, LogLevel.Information, "journal read: {Events} events in {Milliseconds} ms")]
    public static partial void Replayed(this ILogger logger, long events, long milliseconds);

    [LoggerMessage(
        105,
        LogLevel.Warning,
        "{Path} ended at byte {Offset} in a record that was not written to its end: {Bytes} bytes were cut off and could not be kept: {Reason}"
    )]
    public static partial void TornTailNotKept(this ILogger logger, string path, long offset, long bytes, string reason);

    [LoggerMessage(
        106,
        LogLevel.Warning,
        "the last record of {Path}, at byte {Offset}, has another checksum than its content: {Bytes} bytes were cut off and kept as {Copy}. The last request before the server ended may be lost; look at the schedule"
    )]
    public static partial void BadLastRecord(this ILogger logger, string path, long offset, long bytes, string copy);
}

using Builder.Protocol.Values;

namespace Builder.Storage.Database;

/// <summary>
/// How an execution result stands in the table <c>build</c>: kind and number apart, because in schema 18 one number meant both
/// and 65536 was a message as well as "stopped 1".
/// </summary>
public static class StoredResult
{
    /// <summary>For a SELECT from <c>build</c> without alias; read with <see cref="Row.Result"/>.</summary>
    public const string Columns = "build.result_kind, build.result_number, build.result_msg";

    internal const long Exited = 0;
    internal const long Signalled = 1;
    internal const long Stopped = 2;
    internal const long Message = 3;

    internal static (long Kind, long? Number, string? Message) ToColumns(ExecutionResult result) =>
        result switch
        {
            ExecutionResult.Exited exited => (Exited, exited.Status, null),
            ExecutionResult.Signalled signalled => (Signalled, signalled.Signal, null),
            ExecutionResult.Stopped stopped => (Stopped, stopped.Signal, null),
            ExecutionResult.Message message => (Message, null, StoredText.FromBytes(message.Text)),
            _ => throw new ArgumentOutOfRangeException(nameof(result), result, "unknown kind of result"),
        };

    internal static ExecutionResult FromColumns(long kind, long? number, string? message) =>
        (kind, number, message) switch
        {
            (Exited, { } status, null) => new ExecutionResult.Exited(status),
            (Signalled, { } signal, null) => new ExecutionResult.Signalled(signal),
            (Stopped, { } signal, null) => new ExecutionResult.Stopped(signal),
            (Message, null, { } text) => new ExecutionResult.Message(StoredText.ToBytes(text)),
            _ => throw new InvalidDataException(
                $"the database holds an execution result of kind {kind} with number {number} and message \"{message}\""
            ),
        };
}

namespace Builder.Protocol.Der;

/// <summary>
/// The peer said no (<see cref="ProtocolErrorReason.Refused"/>), or the protocol or the connection broke (all other reasons;
/// the connection is of no more use). What a caller does wrong is an <see cref="ArgumentException"/> or an
/// <see cref="InvalidOperationException"/> instead. The message says where and why in one line.
/// </summary>
public sealed class ProtocolException : Exception
{
    public ProtocolException(ProtocolErrorReason reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    public ProtocolErrorReason Reason { get; }

    /// <summary>The field, such as <c>jobFinished.data[3].path</c>; empty where the error is about the whole.</summary>
    public string Field { get; private init; } = "";

    /// <summary>The byte of the body or file at which the trouble starts.</summary>
    public long? Offset { get; private init; }

    internal static ProtocolException Malformed(string field, long offset, string why) =>
        At(ProtocolErrorReason.Malformed, field, offset, why);

    internal static ProtocolException At(ProtocolErrorReason reason, string field, long offset, string why) =>
        new(reason, field.Length == 0 ? $"at byte {offset}: {why}" : $"{field}, at byte {offset}: {why}")
        {
            Field = field,
            Offset = offset,
        };
}

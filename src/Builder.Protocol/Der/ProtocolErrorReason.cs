namespace Builder.Protocol.Der;

/// <summary>What a <see cref="ProtocolException"/> is about.</summary>
public enum ProtocolErrorReason
{
    /// <summary>The peer understood and said no: it answered with a failure.</summary>
    Refused,

    /// <summary>The bytes are not what the protocol or the file format says.</summary>
    Malformed,

    /// <summary>A length is above the configured limit.</summary>
    TooLong,

    /// <summary>A well-formed message at a moment when it has no business, or a hello with another version.</summary>
    Unexpected,

    /// <summary>The peer was too slow with its hello, or with a frame it had begun.</summary>
    DeadlinePassed,

    /// <summary>The connection, or the file, ended or failed in the middle.</summary>
    ConnectionLost,

    /// <summary>Too many messages of all peers were coming in at once.</summary>
    NoMemory,
}

namespace Builder.Protocol.Framing;

/// <summary>What a peer may claim and how long it may take. A limit is checked before memory is taken.</summary>
public sealed record FrameLimits
{
    public static FrameLimits Default { get; } = new();

    /// <summary>Longest body of a peer's first message, in bytes. 4 KiB.</summary>
    public long MaxHelloSize { get; init; } = 4L << 10;

    /// <summary>Longest body held in memory, in bytes: every message but a streamed <c>jobFinished</c>. 64 MiB.</summary>
    public long MaxMessageSize { get; init; } = 64L << 20;

    /// <summary>Longest <c>jobFinished</c> that is streamed, in bytes. 64 GiB.</summary>
    public long MaxResultSize { get; init; } = 64L << 30;

    /// <summary>From the start of reading to the last byte of the peer's hello. 30 seconds.</summary>
    public TimeSpan HandshakeDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest silence within a frame once begun, on either side. 30 seconds.</summary>
    public TimeSpan StallDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time for a whole frame once begun, to which a second comes for each <see cref="SlowestBytesPerSecond"/> that it claims. One minute.
    /// </summary>
    public TimeSpan FrameDeadline { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A peer slower than this on a long frame is given up. 64 KiB per second.</summary>
    public long SlowestBytesPerSecond { get; init; } = 64L << 10;

    internal TimeSpan DeadlineFor(long length) => FrameDeadline + TimeSpan.FromSeconds(length / SlowestBytesPerSecond);
}

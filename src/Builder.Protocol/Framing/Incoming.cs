using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;

namespace Builder.Protocol.Framing;

/// <summary>What a server gets from a peer.</summary>
public abstract record Incoming
{
    private Incoming() { }

    /// <summary>Any message but a <c>jobFinished</c>.</summary>
    public sealed record Message(Command Command) : Incoming;

    /// <summary>A result whose artifacts are still coming in.</summary>
    public sealed record Result(FinishedJob Job) : Incoming;
}

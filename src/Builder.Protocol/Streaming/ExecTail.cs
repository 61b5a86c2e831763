using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Protocol.Streaming;

/// <summary>What stands in a build between its console and its artifacts.</summary>
public sealed record ExecTail(Timestamp Started, Timestamp Finished, ExecutionResult Result)
{
    private readonly BuildTimes asRead;

    internal BuildTimes Times
    {
        get => (asRead.Started, asRead.Finished) == (Started, Finished) ? asRead : new BuildTimes(Started, Finished);
        init => asRead = value;
    }
}

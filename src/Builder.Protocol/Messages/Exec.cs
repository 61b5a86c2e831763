using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>A finished build whole in memory: what a <c>full</c> file holds and an upload carries. Big ones are streamed instead.</summary>
/// <param name="Console">Newest line first.</param>
public sealed record Exec(
    ScriptJob Job,
    BuildUuid Uuid,
    IReadOnlyList<ConsoleLine> Console,
    Timestamp Started,
    Timestamp Finished,
    ExecutionResult Result,
    IReadOnlyList<Artifact> Output
)
{
    private readonly BuildTimes asRead;

    /// <summary>The times with what else the file said of them, unless they were changed since.</summary>
    internal BuildTimes Times
    {
        get => (asRead.Started, asRead.Finished) == (Started, Finished) ? asRead : new BuildTimes(Started, Finished);
        init => asRead = value;
    }
}

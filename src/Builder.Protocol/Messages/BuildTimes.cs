using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>
/// Start and end of a build as a file has them. The original writes <c>.000</c> where it cut a fraction below a millisecond off; that
/// is remembered, so that a file encodes to its own bytes again.
/// </summary>
internal readonly record struct BuildTimes(Timestamp Started, Timestamp Finished, bool StartedWasCut = false, bool FinishedWasCut = false)
{
    public static BuildTimes Read(DerReader reader)
    {
        reader.EnterSequence("timestamps");
        var started = reader.ReadTime("started", shortFractions: true, out var startedWasCut);
        var finished = reader.ReadTime("finished", shortFractions: true, out var finishedWasCut);
        reader.Leave();
        return new BuildTimes(started, finished, startedWasCut, finishedWasCut);
    }

    public void Write(DerWriter writer)
    {
        var timestamps = writer.BeginSequence();
        writer.WriteTime(Started, StartedWasCut);
        writer.WriteTime(Finished, FinishedWasCut);
        writer.End(timestamps);
    }
}

using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>Writes the values that messages, builds and state files have in common.</summary>
internal static class ValueWriting
{
    public static void WriteText(this DerWriter writer, ByteString text) => writer.WriteText(text.Span);

    public static void WriteUuid(this DerWriter writer, BuildUuid uuid)
    {
        writer.WriteHeader(DerTag.Text, BuildUuid.SizeInBytes);
        uuid.CopyTo(writer.Take(BuildUuid.SizeInBytes));
    }

    public static void WriteScriptJob(this DerWriter writer, ScriptJob job)
    {
        writer.WriteHeader(DerTag.Sequence, ValueSize.OfContent(job));
        writer.WriteText(job.Name);
        writer.WriteText(job.Script);
        writer.WriteHeader(DerTag.Sequence, 0);
        writer.WriteText(job.Platform);
    }

    public static void WriteOrbBuildJob(this DerWriter writer, OrbBuildJob job)
    {
        writer.WriteHeader(DerTag.Sequence, ValueSize.OfContent(job));
        writer.WriteText(job.Name);
        writer.WriteText(job.OpamPackage);
    }

    public static void WriteJob(this DerWriter writer, Job job)
    {
        writer.WriteHeader(DerTag.Context(job is ScriptJob ? 0 : 1), ValueSize.OfChosen(job));
        if (job is ScriptJob script)
            writer.WriteScriptJob(script);
        else
            writer.WriteOrbBuildJob((OrbBuildJob)job);
    }

    public static void WritePeriod(this DerWriter writer, Period period)
    {
        writer.WriteHeader(DerTag.Context((int)period), 2);
        writer.WriteNull();
    }

    public static void WriteScheduleItem(this DerWriter writer, ScheduleItem item)
    {
        writer.WriteHeader(DerTag.Sequence, ValueSize.OfContent(item));
        writer.WriteTime(item.Next);
        writer.WritePeriod(item.Period);
        writer.WriteJob(item.Job);
    }

    public static void WriteQueue(this DerWriter writer, PlatformQueue queue)
    {
        writer.WriteHeader(DerTag.Sequence, ValueSize.OfContent(queue));
        writer.WriteText(queue.Platform);
        writer.WriteHeader(DerTag.Sequence, ValueSize.OfContent(queue.Jobs));
        foreach (var job in queue.Jobs)
            writer.WriteJob(job);
    }

    public static void WriteRunning(this DerWriter writer, RunningJob running)
    {
        writer.WriteHeader(DerTag.Sequence, ValueSize.OfContent(running));
        writer.WriteTime(running.Started);
        writer.WriteUuid(running.Uuid);
        writer.WriteScriptJob(running.Job);
    }

    public static void WriteResult(this DerWriter writer, ExecutionResult result)
    {
        var (number, value) = result switch
        {
            ExecutionResult.Exited(var status) => (0, status),
            ExecutionResult.Signalled(var signal) => (1, signal),
            ExecutionResult.Stopped(var signal) => (2, signal),
            _ => (3, 0),
        };
        var choice = writer.Begin(DerTag.Context(number));
        if (result is ExecutionResult.Message(var text))
            writer.WriteText(text);
        else
            writer.WriteInteger(value);
        writer.End(choice);
    }

    public static void WriteConsoleLine(this DerWriter writer, ConsoleLine line)
    {
        var sequence = writer.BeginSequence();
        writer.WriteInteger(line.DeltaNanoseconds);
        writer.WriteText(line.Text);
        writer.End(sequence);
    }

    public static void WriteArtifact(this DerWriter writer, Artifact artifact)
    {
        var sequence = writer.BeginSequence();
        writer.WriteText(artifact.Path.Bytes);
        writer.WriteText(artifact.Data.Span);
        writer.End(sequence);
    }

    public static void WriteList<T>(this DerWriter writer, IReadOnlyList<T> items, Action<DerWriter, T> writeItem)
    {
        var sequence = writer.BeginSequence();
        foreach (var item in items)
            writeItem(writer, item);
        writer.End(sequence);
    }
}

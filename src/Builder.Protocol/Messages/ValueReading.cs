using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

/// <summary>Reads the values that messages, builds and state files have in common. Names are those of the ASN.1 module.</summary>
internal static class ValueReading
{
    public static BuildUuid ReadUuid(this DerReader reader, string name)
    {
        var content = reader.ReadPrimitive(DerTag.Text, name).Span;
        return content.Length == BuildUuid.SizeInBytes
            ? BuildUuid.FromBytes(content)
            : throw reader.MalformedContent(name, content.Length, $"uuid of {content.Length} bytes; it has {BuildUuid.SizeInBytes}");
    }

    public static ScriptJob ReadScriptJob(this DerReader reader, string name)
    {
        var (jobName, platform, script) = reader.ReadScriptFields(name);
        return new ScriptJob(jobName, platform, script);
    }

    public static OrbBuildJob ReadOrbBuildJob(this DerReader reader, string name)
    {
        var (jobName, package) = reader.ReadOrbBuildFields(name);
        return new OrbBuildJob(jobName, package);
    }

    public static Job ReadJob(this DerReader reader, string name)
    {
        Job job = reader.EnterJob(name) ? reader.ReadScriptJob("script") : reader.ReadOrbBuildJob("orbBuild");
        reader.Leave();
        return job;
    }

    /// <summary>Finds out whether there is a job, without making one.</summary>
    public static void CheckJob(this DerReader reader, string name)
    {
        if (reader.EnterJob(name))
            reader.ReadScriptFields("script");
        else
            reader.ReadOrbBuildFields("orbBuild");
        reader.Leave();
    }

    public static Period ReadPeriod(this DerReader reader, string name)
    {
        var tag = reader.PeekTag(name);
        if (DerTag.ContextNumber(tag) is < 0 or > (int)Period.Never)
            throw reader.MalformedNext(name, $"expected a period [0] to [{(int)Period.Never}], found {DerTag.Describe(tag)}");
        reader.Enter(tag, name);
        reader.ReadNull("");
        reader.Leave();
        return (Period)DerTag.ContextNumber(tag);
    }

    public static ScheduleItem ReadScheduleItem(this DerReader reader, string name)
    {
        reader.EnterSequence(name);
        var item = new ScheduleItem(reader.ReadTime("next"), reader.ReadPeriod("period"), reader.ReadJob("job"));
        reader.Leave();
        return item;
    }

    /// <summary>Finds out whether there is an item, without making one.</summary>
    public static void CheckScheduleItem(this DerReader reader, string name)
    {
        reader.EnterSequence(name);
        reader.ReadTime("next");
        reader.ReadPeriod("period");
        reader.CheckJob("job");
        reader.Leave();
    }

    public static PlatformQueue ReadQueue(this DerReader reader, string name)
    {
        reader.EnterSequence(name);
        var platform = reader.ReadText("platform");
        var jobs = reader.ReadList("jobs", static item => item.ReadJob(""));
        reader.Leave();
        return new PlatformQueue(platform, jobs);
    }

    public static RunningJob ReadRunning(this DerReader reader, string name)
    {
        reader.EnterSequence(name);
        var running = new RunningJob(reader.ReadTime("started"), reader.ReadUuid("uuid"), reader.ReadScriptJob("job"));
        reader.Leave();
        return running;
    }

    public static ExecutionResult ReadResult(this DerReader reader, string name)
    {
        var tag = reader.PeekTag(name);
        if (DerTag.ContextNumber(tag) is < 0 or > 3)
            throw reader.MalformedNext(name, $"expected a result [0] to [3], found {DerTag.Describe(tag)}");
        reader.Enter(tag, name);
        ExecutionResult result = DerTag.ContextNumber(tag) switch
        {
            0 => new ExecutionResult.Exited(reader.ReadInteger("exited")),
            1 => new ExecutionResult.Signalled(reader.ReadInteger("signalled")),
            2 => new ExecutionResult.Stopped(reader.ReadInteger("stopped")),
            _ => new ExecutionResult.Message(reader.ReadText("message")),
        };
        reader.Leave();
        return result;
    }

    public static ConsoleLine ReadConsoleLine(this DerReader reader, string name)
    {
        reader.EnterSequence(name);
        var line = new ConsoleLine(reader.ReadInteger("delta"), reader.ReadText("line"));
        reader.Leave();
        return line;
    }

    public static Artifact ReadArtifact(this DerReader reader, string name)
    {
        reader.EnterSequence(name);
        var artifact = new Artifact(reader.ReadArtifactPath("path"), reader.ReadPrimitive(DerTag.Text, "data"));
        reader.Leave();
        return artifact;
    }

    public static ArtifactPath ReadArtifactPath(this DerReader reader, string name)
    {
        var bytes = reader.ReadText(name);
        return ArtifactPath.TryParse(bytes, out var path, out var reason)
            ? path
            : throw reader.MalformedContent(name, bytes.Length, reason);
    }

    public static List<T> ReadList<T>(this DerReader reader, string name, Func<DerReader, T> readItem)
    {
        var items = new List<T>();
        reader.EnterSequence(name);
        while (reader.NextItem())
            items.Add(readItem(reader));
        reader.Leave();
        return items;
    }

    /// <returns>True for a script job, false for an orb build job.</returns>
    private static bool EnterJob(this DerReader reader, string name)
    {
        var tag = reader.PeekTag(name);
        if (DerTag.ContextNumber(tag) is not (0 or 1))
            throw reader.MalformedNext(name, $"expected [0] script or [1] orbBuild, found {DerTag.Describe(tag)}");
        reader.Enter(tag, name);
        return tag == DerTag.Context(0);
    }

    private static (ByteString Name, ByteString Platform, ByteString Script) ReadScriptFields(this DerReader reader, string name)
    {
        reader.EnterSequence(name);
        var jobName = reader.ReadText("name");
        var script = reader.ReadText("script");
        reader.SkipData("files");
        var platform = reader.HasMore ? reader.ReadText("platform") : ScriptJob.NoPlatform;
        reader.Leave();
        return (jobName, platform, script);
    }

    private static (ByteString Name, ByteString Package) ReadOrbBuildFields(this DerReader reader, string name)
    {
        reader.EnterSequence(name);
        var fields = (reader.ReadText("name"), reader.ReadText("opamPackage"));
        reader.Leave();
        return fields;
    }

    /// <summary>Checks what the original ignores: it must still be well-formed.</summary>
    private static void SkipData(this DerReader reader, string name)
    {
        reader.EnterSequence(name);
        while (reader.NextItem())
            reader.ReadArtifact("");
        reader.Leave();
    }
}

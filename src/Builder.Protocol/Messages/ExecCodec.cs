using Builder.Protocol.Der;

namespace Builder.Protocol.Messages;

/// <summary>DER of a finished build that fits into memory.</summary>
public static class ExecCodec
{
    public static byte[] Encode(Exec exec)
    {
        var writer = new DerWriter();
        var choice = writer.Begin(DerTag.Context(0));
        var build = writer.BeginSequence();
        writer.WriteScriptJob(exec.Job);
        writer.WriteUuid(exec.Uuid);
        writer.WriteList(exec.Console, ValueWriting.WriteConsoleLine);
        exec.Times.Write(writer);
        writer.WriteResult(exec.Result);
        writer.WriteList(exec.Output, ValueWriting.WriteArtifact);
        writer.End(build);
        writer.End(choice);
        return writer.ToArray();
    }

    /// <summary>The value shares memory with <paramref name="file"/>, which must not change afterwards.</summary>
    /// <exception cref="ProtocolException">Not a finished build; the message says where and why.</exception>
    public static Exec Decode(ReadOnlyMemory<byte> file)
    {
        var reader = new DerReader(file);
        var tag = reader.PeekTag("exec");
        if (tag != DerTag.Context(0))
            throw reader.MalformedNext("exec", NotABuild(tag));
        reader.Enter(tag, "exec");
        reader.EnterSequence("");
        var job = reader.ReadScriptJob("job");
        var uuid = reader.ReadUuid("uuid");
        var console = reader.ReadList("console", static item => item.ReadConsoleLine(""));
        var times = BuildTimes.Read(reader);
        var result = reader.ReadResult("result");
        var output = reader.ReadList("output", static item => item.ReadArtifact(""));
        reader.Leave();
        reader.Leave();
        reader.End();
        return new Exec(job, uuid, console, times.Started, times.Finished, result, output) { Times = times };
    }

    internal static string NotABuild(byte tag) =>
        tag == DerTag.Context(1) ? "[1] is reserved and never holds a build" : $"expected [0] build, found {DerTag.Describe(tag)}";
}

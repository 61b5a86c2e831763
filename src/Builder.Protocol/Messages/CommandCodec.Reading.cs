using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Messages;

public static partial class CommandCodec
{
    private static Command Read(DerReader reader)
    {
        var tag = reader.PeekTag();
        return DerTag.ContextNumber(tag) switch
        {
            2 => Read(reader, tag, "jobSchedule", ReadJobSchedule),
            3 => Read(reader, tag, "jobFinished", ReadJobFinished),
            4 => Read(reader, tag, "output", ReadOutput),
            5 => Read(reader, tag, "schedule", ReadSchedule),
            6 => ReadEmpty(reader, tag, "info", new Command.Info()),
            7 => Read(reader, tag, "infoReplyLegacy", static inner => ReadInfoReply(inner, isLegacy: true)),
            9 => Read(reader, tag, "unschedule", static inner => new Command.Unschedule(inner.ReadText(""))),
            10 => Read(reader, tag, "observe", static inner => new Command.Observe(inner.ReadUuid(""))),
            11 => Read(reader, tag, "executeLegacy", static inner => new Command.Execute(inner.ReadText(""), Platform: null)),
            12 => Read(reader, tag, "scheduleOrbBuild", ReadScheduleOrbBuild),
            13 => Read(reader, tag, "reschedule", ReadReschedule),
            14 => Read(reader, tag, "clientHello", ReadClientHello),
            15 => ReadEmpty(reader, tag, "serverHello", new Command.ServerHello()),
            16 => Read(reader, tag, "jobRequested", static inner => new Command.JobRequested(inner.ReadText(""))),
            17 => Read(reader, tag, "dropPlatform", static inner => new Command.DropPlatform(inner.ReadText(""))),
            18 => ReadEmpty(reader, tag, "success", new Command.Success()),
            19 => Read(reader, tag, "failure", static inner => new Command.Failure(inner.ReadText(""))),
            20 => Read(reader, tag, "execute", ReadExecute),
            21 => Read(reader, tag, "undropPlatform", static inner => new Command.UndropPlatform(inner.ReadText(""))),
            22 => Read(reader, tag, "infoReply", static inner => ReadInfoReply(inner, isLegacy: false)),
            24 => Read(reader, tag, "workerIdentity", ReadPeerIdentity),
            25 => ReadEmpty(reader, tag, "heartbeat", new Command.Heartbeat()),
            26 => Read(reader, tag, "cancel", static inner => new Command.Cancel(inner.ReadUuid(""))),
            27 => Read(reader, tag, "usage", ReadUsage),
            28 => Read(reader, tag, "request", ReadRequest),
            29 => Read(reader, tag, "answer", static inner => new Command.Answer(inner.ReadText(""))),
            30 => Read(reader, tag, "timeLimit", static inner => new Command.TimeLimit(inner.ReadInteger(""))),
            0 or 1 or 8 => throw reader.MalformedNext(
                "",
                $"{DerTag.Describe(tag)} is a message of earlier versions that is not spoken any more"
            ),
            _ => throw reader.MalformedNext("", $"expected a message [2] to [30], found {DerTag.Describe(tag)}"),
        };
    }

    private static Command Read(DerReader reader, byte tag, string name, Func<DerReader, Command> readContent)
    {
        reader.Enter(tag, name);
        var command = readContent(reader);
        reader.Leave();
        return command;
    }

    private static Command ReadEmpty(DerReader reader, byte tag, string name, Command command)
    {
        reader.Enter(tag, name);
        reader.ReadNull("");
        reader.Leave();
        return command;
    }

    private static Command.JobSchedule ReadJobSchedule(DerReader reader)
    {
        reader.EnterSequence("");
        var command = new Command.JobSchedule(reader.ReadUuid("uuid"), reader.ReadScriptJob("job"));
        reader.Leave();
        return command;
    }

    private static Command.JobFinished ReadJobFinished(DerReader reader)
    {
        reader.EnterSequence("");
        var uuid = reader.ReadUuid("uuid");
        var result = reader.ReadResult("result");
        var data = reader.ReadList("data", static item => item.ReadArtifact(""));
        reader.Leave();
        return new Command.JobFinished(uuid, result, data);
    }

    private static Command ReadOutput(DerReader reader)
    {
        reader.EnterSequence("");
        var uuid = reader.ReadUuid("uuid");
        var line = reader.ReadText("line");
        Command command = reader.HasMore
            ? new Command.OutputTimestamped(uuid, line, reader.ReadInteger("timestamp"))
            : new Command.Output(uuid, line);
        reader.Leave();
        return command;
    }

    private static Command.Schedule ReadSchedule(DerReader reader)
    {
        reader.EnterSequence("");
        var command = new Command.Schedule(reader.ReadPeriod("period"), reader.ReadScriptJob("job"));
        reader.Leave();
        return command;
    }

    private static Command.ScheduleOrbBuild ReadScheduleOrbBuild(DerReader reader)
    {
        reader.EnterSequence("");
        var command = new Command.ScheduleOrbBuild(reader.ReadPeriod("period"), reader.ReadOrbBuildJob("job"));
        reader.Leave();
        return command;
    }

    private static Command.Reschedule ReadReschedule(DerReader reader)
    {
        reader.EnterSequence("");
        var name = reader.ReadText("name");
        var next = reader.ReadTime("next");
        Period? period = reader.HasMore ? reader.ReadPeriod("period") : null;
        reader.Leave();
        return new Command.Reschedule(name, next, period);
    }

    private static Command.ClientHello ReadClientHello(DerReader reader)
    {
        reader.EnterSequence("");
        var tag = reader.PeekTag("kind");
        if (DerTag.ContextNumber(tag) is not (0 or 1))
            throw reader.MalformedNext("kind", $"expected [0] client or [1] worker, found {DerTag.Describe(tag)}");
        reader.Enter(tag, "kind");
        reader.ReadNull("");
        reader.Leave();
        var version = reader.ReadInteger("version");
        reader.Leave();
        return new Command.ClientHello(tag == DerTag.Context(0) ? PeerKind.Client : PeerKind.Worker, version);
    }

    private static Command.Execute ReadExecute(DerReader reader)
    {
        reader.EnterSequence("");
        var name = reader.ReadText("name");
        ByteString? platform = reader.HasMore ? reader.ReadText("platform") : null;
        reader.Leave();
        return new Command.Execute(name, platform);
    }

    private static Command.InfoReply ReadInfoReply(DerReader reader, bool isLegacy)
    {
        reader.EnterSequence("");
        var info = new ServerInfo(
            reader.ReadList("schedule", static item => item.ReadScheduleItem("")),
            reader.ReadList("queues", static item => item.ReadQueue("")),
            reader.ReadList("running", static item => item.ReadRunning("")),
            isLegacy ? [] : reader.ReadList("droppedPlatforms", static item => item.ReadText(""))
        );
        reader.Leave();
        return new Command.InfoReply(info, isLegacy);
    }

    private static Command.PeerIdentity ReadPeerIdentity(DerReader reader)
    {
        reader.EnterSequence("");
        var command = new Command.PeerIdentity(reader.ReadText("name"), reader.ReadText("key"));
        reader.Leave();
        return command;
    }

    private static Command.Usage ReadUsage(DerReader reader)
    {
        reader.EnterSequence("");
        var command = new Command.Usage(
            reader.ReadUuid("uuid"),
            reader.ReadInteger("processorNanoseconds"),
            reader.ReadInteger("peakMemoryBytes"),
            reader.ReadInteger("bytesWritten")
        );
        reader.Leave();
        return command;
    }

    private static Command.Request ReadRequest(DerReader reader)
    {
        reader.EnterSequence("");
        var command = new Command.Request(reader.ReadText("verb"), reader.ReadText("body"));
        reader.Leave();
        return command;
    }
}

using Builder.Protocol.Der;

namespace Builder.Protocol.Messages;

public static partial class CommandCodec
{
    internal static void Write(DerWriter writer, Command command)
    {
        if (command is Command.InfoReply(var info, _))
        {
            foreach (var piece in new InfoReplyEncoding(info).Pieces())
                piece.Span.CopyTo(writer.Take(piece.Length));
            return;
        }
        var choice = writer.Begin(DerTag.Context(NumberOf(command)));
        switch (command)
        {
            case Command.Info or Command.ServerHello or Command.Success or Command.Heartbeat:
                writer.WriteNull();
                break;
            case Command.Unschedule(var name):
                writer.WriteText(name);
                break;
            case Command.Observe(var uuid):
                writer.WriteUuid(uuid);
                break;
            case Command.Cancel(var uuid):
                writer.WriteUuid(uuid);
                break;
            case Command.JobRequested(var platform):
                writer.WriteText(platform);
                break;
            case Command.Answer(var body):
                writer.WriteText(body);
                break;
            case Command.TimeLimit(var seconds):
                writer.WriteInteger(seconds);
                break;
            case Command.DropPlatform(var platform):
                writer.WriteText(platform);
                break;
            case Command.UndropPlatform(var platform):
                writer.WriteText(platform);
                break;
            case Command.Failure(var reason):
                writer.WriteText(reason);
                break;
            default:
                var fields = writer.BeginSequence();
                WriteFields(writer, command);
                writer.End(fields);
                break;
        }
        writer.End(choice);
    }

    private static int NumberOf(Command command) =>
        command switch
        {
            Command.JobSchedule => 2,
            Command.JobFinished => 3,
            Command.Output or Command.OutputTimestamped => 4,
            Command.Schedule => 5,
            Command.Info => 6,
            Command.Unschedule => 9,
            Command.Observe => 10,
            Command.ScheduleOrbBuild => 12,
            Command.Reschedule => 13,
            Command.ClientHello => 14,
            Command.ServerHello => 15,
            Command.JobRequested => 16,
            Command.DropPlatform => 17,
            Command.Success => 18,
            Command.Failure => 19,
            Command.Execute => 20,
            Command.UndropPlatform => 21,
            Command.PeerIdentity => 24,
            Command.Heartbeat => 25,
            Command.Cancel => 26,
            Command.Usage => 27,
            Command.Request => 28,
            Command.Answer => 29,
            Command.TimeLimit => 30,
            _ => throw new ArgumentException($"{command.GetType().Name} is not a message of the protocol", nameof(command)),
        };

    private static void WriteFields(DerWriter writer, Command command)
    {
        switch (command)
        {
            case Command.JobSchedule(var uuid, var job):
                writer.WriteUuid(uuid);
                writer.WriteScriptJob(job);
                break;
            case Command.JobFinished(var uuid, var result, var data):
                writer.WriteUuid(uuid);
                writer.WriteResult(result);
                writer.WriteList(data, ValueWriting.WriteArtifact);
                break;
            case Command.Output(var uuid, var line):
                writer.WriteUuid(uuid);
                writer.WriteText(line);
                break;
            case Command.OutputTimestamped(var uuid, var line, var timestamp):
                writer.WriteUuid(uuid);
                writer.WriteText(line);
                writer.WriteInteger(timestamp);
                break;
            case Command.Schedule(var period, var job):
                writer.WritePeriod(period);
                writer.WriteScriptJob(job);
                break;
            case Command.ScheduleOrbBuild(var period, var job):
                writer.WritePeriod(period);
                writer.WriteOrbBuildJob(job);
                break;
            case Command.Reschedule(var name, var next, var period):
                writer.WriteText(name);
                writer.WriteTime(next);
                if (period is { } given)
                    writer.WritePeriod(given);
                break;
            case Command.ClientHello(var kind, var version):
                var choice = writer.Begin(DerTag.Context(kind == PeerKind.Client ? 0 : 1));
                writer.WriteNull();
                writer.End(choice);
                writer.WriteInteger(version);
                break;
            case Command.Execute(var name, var platform):
                writer.WriteText(name);
                if (platform is { } chosen)
                    writer.WriteText(chosen);
                break;
            case Command.Request(var verb, var body):
                writer.WriteText(verb);
                writer.WriteText(body);
                break;
            case Command.PeerIdentity(var name, var key):
                writer.WriteText(name);
                writer.WriteText(key);
                break;
            case Command.Usage(var uuid, var processor, var memory, var written):
                writer.WriteUuid(uuid);
                writer.WriteInteger(processor);
                writer.WriteInteger(memory);
                writer.WriteInteger(written);
                break;
        }
    }
}

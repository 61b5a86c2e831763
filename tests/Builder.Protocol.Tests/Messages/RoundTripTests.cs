using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.StateFiles;
using Builder.Protocol.Streaming;
using Builder.Protocol.Tests.Streaming;
using Builder.Protocol.Values;
using CsCheck;

namespace Builder.Protocol.Tests.Messages;

/// <summary>Any value that can be said survives the wire, and both ways to read a build agree.</summary>
public sealed class RoundTripTests
{
    private static readonly Gen<ByteString> Text = Gen.OneOf(
        Gen.String[0, 20].Select(ByteString.FromUtf8),
        Gen.Byte.Array[0, 300].Select(bytes => new ByteString(bytes))
    );

    private static readonly Gen<BuildUuid> Uuid = Gen.Byte.Array[16].Select(bytes => BuildUuid.FromBytes(bytes));

    /// <summary>Whole milliseconds, years 0 to 9999.</summary>
    private static readonly Gen<Timestamp> Time = Gen.Long[-62_167_219_200_000, 253_402_300_799_999]
        .Select(milliseconds => new Timestamp(milliseconds * TimeSpan.TicksPerMillisecond));

    private static readonly Gen<long> Integer = Gen.OneOf(Gen.Long, Gen.Long[-300, 300], OneOf(long.MinValue, long.MaxValue, 1L << 62));

    private static readonly Gen<Period> Periods = Gen.Enum<Period>();

    private static readonly Gen<ScriptJob> Script = Gen.Select(
        Text,
        Text,
        Text,
        (name, platform, script) => new ScriptJob(name, platform, script)
    );

    private static readonly Gen<OrbBuildJob> Orb = Gen.Select(Text, Text, (name, package) => new OrbBuildJob(name, package));

    private static readonly Gen<Job> AnyJob = Gen.OneOf(Script.Select(job => (Job)job), Orb.Select(job => (Job)job));

    private static readonly Gen<ScheduleItem> Item = Gen.Select(
        Time,
        Periods,
        AnyJob,
        (next, period, job) => new ScheduleItem(next, period, job)
    );

    private static readonly Gen<PlatformQueue> Queue = Gen.Select(
        Text,
        AnyJob.List[0, 4],
        (platform, jobs) => new PlatformQueue(platform, jobs)
    );

    private static readonly Gen<RunningJob> Running = Gen.Select(
        Time,
        Uuid,
        Script,
        (started, uuid, job) => new RunningJob(started, uuid, job)
    );

    private static readonly Gen<ExecutionResult> Result = Gen.OneOf(
        Integer.Select(status => (ExecutionResult)new ExecutionResult.Exited(status)),
        Integer.Select(signal => (ExecutionResult)new ExecutionResult.Signalled(signal)),
        Integer.Select(signal => (ExecutionResult)new ExecutionResult.Stopped(signal)),
        Text.Select(text => (ExecutionResult)new ExecutionResult.Message(text))
    );

    private static readonly Gen<ArtifactPath> Path = Gen.OneOf(
            Gen.Char["abc.-_é"]
                .Array[1, 9]
                .Select(characters => new string(characters))
                .Array[1, 4]
                .Select(segments => string.Join('/', segments))
                .Select(ByteString.FromUtf8),
            Gen.Byte.Array[1, 30].Select(bytes => new ByteString(bytes))
        )
        .Where(bytes => ArtifactPath.TryParse(bytes, out _, out _))
        .Select(bytes => ArtifactPath.TryParse(bytes, out var path, out var reason) ? path : throw new FormatException(reason));

    private static readonly Gen<Artifact> AnyArtifact = Gen.Select(
        Path,
        Gen.OneOf(Gen.Byte.Array[0, 200], Gen.Int[0, 70_000].Select(length => new byte[length])),
        (path, data) => new Artifact(path, data)
    );

    private static readonly Gen<ConsoleLine> Line = Gen.Select(Integer, Text, (delta, text) => new ConsoleLine(delta, text));

    private static readonly Gen<Exec> Build = Gen.Select(
        Gen.Select(Script, Uuid),
        Line.List[0, 20],
        Gen.Select(Time, Time),
        Result,
        AnyArtifact.List[0, 6],
        (head, console, times, result, output) => new Exec(head.Item1, head.Item2, console, times.Item1, times.Item2, result, output)
    );

    private static readonly Gen<StateItem> State = Gen.OneOf(
        Item.Select(item => (StateItem)new StateItem.Schedule(item)),
        Queue.Select(queue => (StateItem)new StateItem.Queue(queue)),
        Text.Select(platform => (StateItem)new StateItem.DroppedPlatform(platform))
    );

    private static readonly Gen<Command> Message = Gen.OneOf(
        Gen.Select(Uuid, Script, (uuid, job) => (Command)new Command.JobSchedule(uuid, job)),
        Gen.Select(Uuid, Result, AnyArtifact.List[0, 4], (uuid, result, data) => (Command)new Command.JobFinished(uuid, result, data)),
        Gen.Select(Uuid, Text, (uuid, line) => (Command)new Command.Output(uuid, line)),
        Gen.Select(Uuid, Text, Integer, (uuid, line, time) => (Command)new Command.OutputTimestamped(uuid, line, time)),
        Gen.Select(Periods, Script, (period, job) => (Command)new Command.Schedule(period, job)),
        Gen.Select(
            Item.List[0, 3],
            Queue.List[0, 3],
            Running.List[0, 3],
            Text.List[0, 3],
            (schedule, queues, running, dropped) => (Command)new Command.InfoReply(new ServerInfo(schedule, queues, running, dropped))
        ),
        Text.Select(name => (Command)new Command.Unschedule(name)),
        Uuid.Select(uuid => (Command)new Command.Observe(uuid)),
        Gen.Select(Periods, Orb, (period, job) => (Command)new Command.ScheduleOrbBuild(period, job)),
        Gen.Select(Text, Time, Periods.Nullable(), (name, next, period) => (Command)new Command.Reschedule(name, next, period)),
        Gen.Select(Gen.Enum<PeerKind>(), Integer, (kind, version) => (Command)new Command.ClientHello(kind, version)),
        Text.Select(platform => (Command)new Command.JobRequested(platform)),
        Text.Select(platform => (Command)new Command.DropPlatform(platform)),
        Text.Select(platform => (Command)new Command.UndropPlatform(platform)),
        Text.Select(reason => (Command)new Command.Failure(reason)),
        Gen.Select(Text, Text.Nullable(), (name, platform) => (Command)new Command.Execute(name, platform)),
        OneOf<Command>(new Command.Info(), new Command.Success(), new Command.ServerHello())
    );

    [Fact]
    public void Every_message_survives_the_wire() =>
        Message.Sample(message =>
        {
            var bytes = CommandCodec.Encode(message);
            var decoded = CommandCodec.Decode(bytes);
            return decoded.GetType() == message.GetType()
                && Json(message) == Json(decoded)
                && CommandCodec.Encode(decoded).AsSpan().SequenceEqual(bytes);
        });

    [Fact]
    public void Every_state_survives_the_disk() =>
        State
            .List[0, 10]
            .Sample(state =>
            {
                var decoded = StateFile.Decode(StateFile.Encode(state));
                return decoded.Count == state.Count && StateFile.Encode(decoded).AsSpan().SequenceEqual(StateFile.Encode(state));
            });

    [Fact]
    public void Every_build_survives_the_disk() =>
        Build.Sample(exec =>
        {
            var decoded = ExecCodec.Decode(ExecCodec.Encode(exec));
            return (decoded.Uuid, decoded.Job, decoded.Started, decoded.Finished, decoded.Result)
                    == (exec.Uuid, exec.Job, exec.Started, exec.Finished, exec.Result)
                && decoded.Console.SequenceEqual(exec.Console)
                && decoded.Output.SequenceEqual(exec.Output);
        });

    [Fact]
    public async Task A_build_streamed_has_the_bytes_of_the_one_held_in_memory() =>
        await Gen.Select(Build, OneOf(1, 100, 70_000))
            .SampleAsync(
                async (exec, pieceSize) =>
                {
                    var bytes = ExecCodec.Encode(exec);
                    var copy = await StreamedExec.CopyAsync(bytes, ExecLimits.Default, pieceSize);
                    return copy.AsSpan().SequenceEqual(bytes);
                },
                iter: 300
            );

    [Fact]
    public async Task A_result_streamed_has_the_artifacts_of_the_message() =>
        await Gen.Select(Uuid, Result, AnyArtifact.List[0, 5])
            .SampleAsync(
                async (uuid, result, data) =>
                {
                    var frame = FrameWriter.Encode(new Command.JobFinished(uuid, result, data)).ToArray();
                    var reader = new FrameReader(new SlowStream(frame, 1000), FrameLimits.Default, TimeProvider.System);
                    var job = ((Incoming.Result)(await reader.ReadNextAsync(CancellationToken.None))!).Job;
                    using var copy = new MemoryStream();
                    using var writer = new FrameWriter(copy, FrameLimits.Default, TimeProvider.System);
                    await writer.WriteFinishedAsync(job.Uuid, job.Result, job.Artifacts, CancellationToken.None);
                    return copy.ToArray().AsSpan().SequenceEqual(frame);
                },
                iter: 300
            );

    [Fact]
    public void Every_millisecond_of_ten_thousand_years_is_written_and_read() =>
        Time.Sample(time =>
            ((Command.Reschedule)CommandCodec.Decode(CommandCodec.Encode(new Command.Reschedule(default, time, null)))).Next == time
        );

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static string Json(Command command) => ProtocolValue.Decode("cmd", CommandCodec.Encode(command)).ToJson();
}

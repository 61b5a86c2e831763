using System.Text.Json;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.Server.Tests.Connections;

/// <summary>
/// What the original's programs said to their server is said to ours, over real sockets, and ours must answer the same frame by frame:
/// but for uuids and times, and for the order and the words where the original's are known faults.
/// </summary>
public sealed class TranscriptTests
{
    [Fact]
    public async Task Client_info_of_an_empty_server() => await PlayAsync("client-info-empty");

    [Fact]
    public async Task Client_schedules_and_asks_what_is_scheduled()
    {
        await using var server = await RunningServer.StartAsync();
        // The queue was there before: a worker had asked once.
        using (var worker = await server.ConnectAsync(PeerKind.Worker))
        {
            await worker.SendAsync(new Command.JobRequested(ByteString.FromUtf8("debian-12")));
            await server.EventuallyAsync(server.InfoAsync, info => info.Queues.Count == 1);
        }
        await PlayAsync("client-schedule", server);
        await PlayAsync("client-info", server);
    }

    [Fact]
    public async Task Hello_of_another_version_is_refused()
    {
        await using var server = await RunningServer.StartAsync();
        using var client = await server.ConnectAsync();
        await client.SendAsync(Frames("hello-version-mismatch").Single(frame => frame.IsToServer).Bytes);

        var refusal = Assert.IsType<Command.Failure>(Assert.Single(await client.ReceiveAllAsync()));

        Assert.Contains("version 12", refusal.Reason.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("worker-job", "hello")]
    [InlineData("worker-job-fail", "fail")]
    public async Task Worker_builds_a_job(string transcript, string job)
    {
        await using var server = await RunningServer.StartAsync();
        var scheduled = Frames(transcript).Select(frame => frame.Command).OfType<Command.JobSchedule>().Single().Job;
        await server.DoAsync(new Command.Schedule(Period.Daily, scheduled));

        await PlayAsync(transcript, server);

        var build = Assert.Single(await server.BuildsAsync(1));
        var finished = Frames(transcript).Select(frame => frame.Command).OfType<Command.JobFinished>().Single();
        Assert.Equal(job, build.Job.Name.ToString());
        Assert.Equal(scheduled, build.Job);
        Assert.Equal(finished.Result, build.Result);
        Assert.Equal(finished.Data, build.Output);
        Assert.Equal(
            Frames(transcript).Select(frame => frame.Command).OfType<Command.Output>().Select(output => output.Line).Reverse(),
            build.Console.Select(line => line.Text)
        );
    }

    [Fact]
    public async Task Execute_and_observe_while_a_worker_builds()
    {
        await using var server = await RunningServer.StartAsync();
        await PlayAsync("client-schedule", server);
        while ((await server.InfoAsync()).Queues.SelectMany(queue => queue.Jobs).OfType<ScriptJob>().Any())
            await FinishOneAsync(server);
        await PlayAsync("execute-observe", server);
    }

    private static async Task FinishOneAsync(RunningServer server)
    {
        var (worker, job) = await server.TakeAsync();
        using (worker)
        {
            await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));
            await worker.ReceiveAllAsync();
        }
    }

    private static async Task PlayAsync(string transcript, RunningServer? given = null)
    {
        var server = given ?? await RunningServer.StartAsync();
        try
        {
            await new Player(server).PlayAsync(Frames(transcript));
        }
        finally
        {
            if (given is null)
                await server.DisposeAsync();
        }
    }

    private static IReadOnlyList<Frame> Frames(string transcript)
    {
        using var json = JsonDocument.Parse(Vectors.Read($"transcripts/{transcript}.json"));
        return
        [
            .. json
                .RootElement.GetProperty("connections")
                .EnumerateArray()
                .SelectMany(connection => connection.GetProperty("events").EnumerateArray().Select(item => (connection, item)))
                .Where(pair => pair.item.TryGetProperty("frame_b64", out _))
                .Select(pair => new Frame(
                    pair.item.GetProperty("t").GetDouble(),
                    pair.connection.GetProperty("connection").GetInt32(),
                    pair.item.GetProperty("dir").GetString() == "to_server",
                    pair.item.GetProperty("frame_b64").GetBytesFromBase64()
                ))
                .OrderBy(frame => frame.Time),
        ];
    }

    private sealed record Frame(double Time, int Connection, bool IsToServer, byte[] Bytes)
    {
        public Command Command { get; } = CommandCodec.Decode(Bytes.AsMemory(8));
    }

    /// <summary>Plays all connections of a transcript in the order of time; uuids are those that our server gives.</summary>
    private sealed class Player(RunningServer server)
    {
        private readonly Dictionary<int, WirePeer> peers = [];
        private readonly Dictionary<BuildUuid, BuildUuid> uuids = [];
        private readonly Dictionary<int, List<string>> owedLines = [];

        public async Task PlayAsync(IReadOnlyList<Frame> frames)
        {
            foreach (var frame in frames)
            {
                if (!peers.TryGetValue(frame.Connection, out var peer))
                    peers.Add(frame.Connection, peer = await server.ConnectAsync());
                if (frame.IsToServer)
                    await peer.SendAsync(Translate(frame.Command));
                else
                    await ExpectAsync(frame.Connection, peer, frame.Command);
            }
            foreach (var (connection, peer) in peers)
            {
                Assert.Null(await peer.ReceiveAsync());
                Assert.Empty(owedLines.GetValueOrDefault(connection, []));
                peer.Dispose();
            }
        }

        private async Task ExpectAsync(int connection, WirePeer peer, Command expected)
        {
            var found = await peer.ReceiveAsync();
            switch (expected, found)
            {
                case (Command.JobSchedule theirs, Command.JobSchedule ours):
                    Assert.Equal(theirs.Job, ours.Job);
                    uuids.Add(theirs.Uuid, ours.Uuid);
                    break;
                case (Command.InfoReply theirs, Command.InfoReply ours):
                    Compare(theirs.Server, ours.Server);
                    break;
                case (Command.OutputTimestamped theirs, Command.OutputTimestamped ours):
                    // The original shows the lines so far in no order; ours in the order in which they came.
                    Assert.Equal(uuids[theirs.Uuid], ours.Uuid);
                    Settle(connection, theirs.Line.ToString());
                    Settle(connection, ours.Line.ToString());
                    break;
                default:
                    Assert.Equal(expected, found);
                    break;
            }
        }

        /// <summary>Lines that only one side has shown so far.</summary>
        private void Settle(int connection, string line)
        {
            if (!owedLines.TryGetValue(connection, out var owed))
                owedLines.Add(connection, owed = []);
            if (!owed.Remove(line))
                owed.Add(line);
        }

        private void Compare(ServerInfo theirs, ServerInfo ours)
        {
            // Times differ, so the order by time is compared where the original's has one: never last, which both write first.
            Assert.Equal(
                theirs.Schedule.Select(item => (item.Period, item.Job)).OrderBy(item => item.Job.Name),
                ours.Schedule.Select(item => (item.Period, item.Job)).OrderBy(item => item.Job.Name)
            );
            Assert.Equal(ours.Schedule.Select(item => item.Next).OrderDescending(), ours.Schedule.Select(item => item.Next));
            Assert.Equal(theirs.Schedule.Take(1), ours.Schedule.Take(1));
            Assert.Equal(theirs.Queues.Select(queue => queue.Platform), ours.Queues.Select(queue => queue.Platform));
            Assert.Equal(
                theirs.Running.Select(running => (uuids[running.Uuid], running.Job)),
                ours.Running.Select(running => (running.Uuid, running.Job))
            );
            Assert.Equal(theirs.DroppedPlatforms, ours.DroppedPlatforms);
            foreach (var (their, our) in theirs.Queues.Zip(ours.Queues))
            {
                // An orb build job without template is lost in the original, and kept here.
                Assert.Equal(their.Jobs.OfType<ScriptJob>(), our.Jobs.OfType<ScriptJob>());
                Assert.Subset(our.Jobs.ToHashSet(), their.Jobs.ToHashSet());
            }
        }

        private Command Translate(Command command) =>
            command switch
            {
                Command.Output output => output with { Uuid = uuids[output.Uuid] },
                Command.JobFinished finished => finished with { Uuid = uuids[finished.Uuid] },
                Command.Observe observe => observe with { Uuid = uuids.GetValueOrDefault(observe.Uuid, observe.Uuid) },
                _ => command,
            };
    }
}

using System.Buffers.Binary;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.Server.Tests.Connections;

/// <summary>Whatever a peer sends, its own connection ends with one line in the log, and nobody else notices.</summary>
public sealed class HostilePeerTests
{
    private static readonly FrameLimits Impatient = FrameLimits.Default with
    {
        HandshakeDeadline = TimeSpan.FromMilliseconds(300),
        StallDeadline = TimeSpan.FromMilliseconds(300),
    };

    public static TheoryData<string> BrokenMessages =>
        [
            .. Vectors
                .Files("protocol", "*.bad.der")
                .Where(file => !file.Contains("exec", StringComparison.Ordinal) && !file.Contains("state", StringComparison.Ordinal)),
        ];

    [Fact]
    public async Task Every_broken_message_ends_its_connection_only()
    {
        await using var server = await RunningServer.StartAsync();
        foreach (var file in BrokenMessages)
        {
            foreach (var kind in (PeerKind?[])[null, PeerKind.Client, PeerKind.Worker])
            {
                using var peer = kind is { } known ? await server.ConnectAsync(known) : await server.ConnectAsync();
                await peer.SendAsync(Frame(Vectors.Read((string)file)));
                peer.EndSending();
                var answers = await peer.ReceiveAllAsync();
                Assert.True(answers is [Command.Failure], $"{file} as {kind}: {string.Join(", ", answers)}");
            }
        }
        await AssertServesAsync(server);
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains("error of the server", StringComparison.Ordinal));
        Assert.Equal(
            3 * BrokenMessages.Count,
            server.Log.Lines.Count(line => line.Contains("connection closed", StringComparison.Ordinal))
        );
        Assert.All(server.Log.Lines, line => Assert.InRange(line.Length, 1, 2000));
    }

    [Theory]
    [InlineData(1UL << 62)]
    [InlineData(1UL << 33)]
    [InlineData(1UL << 30)]
    [InlineData(ulong.MaxValue)]
    public async Task A_frame_that_claims_too_much_is_refused_before_it_comes(ulong length)
    {
        await using var server = await RunningServer.StartAsync();
        foreach (var kind in (PeerKind?[])[null, PeerKind.Client, PeerKind.Worker])
        {
            using var peer = kind is { } known ? await server.ConnectAsync(known) : await server.ConnectAsync();
            var header = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(header, length);
            await peer.SendAsync(header);
            var refusal = Assert.IsType<Command.Failure>(await peer.ReceiveAsync());
            Assert.Contains($"{length}", refusal.Reason.ToString(), StringComparison.Ordinal);
        }
        await AssertServesAsync(server);
    }

    [Fact]
    public async Task A_peer_that_sends_byte_by_byte_is_given_up()
    {
        await using var server = await RunningServer.StartAsync(options => options with { Limits = Impatient });
        using var silent = await server.ConnectAsync();
        using var stalled = await server.ConnectAsync(PeerKind.Client);
        await stalled.SendAsync(new byte[] { 0, 0, 0 });

        Assert.IsType<Command.Failure>(await silent.ReceiveAsync());
        Assert.IsType<Command.Failure>(await stalled.ReceiveAsync());
        await AssertServesAsync(server);
    }

    [Fact]
    public async Task Messages_out_of_turn_are_refused_and_leave_nothing_running()
    {
        var uuid = BuildUuid.Parse("00000000-0000-4000-8000-000000000000");
        Command[] all =
        [
            new Command.ServerHello(),
            new Command.Success(),
            new Command.Output(uuid, ByteString.Empty),
            new Command.JobFinished(uuid, new ExecutionResult.Exited(0), []),
            new Command.Heartbeat(),
            new Command.Cancel(uuid),
            new Command.ClientHello(PeerKind.Client, 13),
            new Command.JobRequested(ByteString.FromUtf8("a/b")),
            new Command.JobRequested(ByteString.FromUtf8("nul\0")),
            new Command.PeerIdentity(ByteString.Empty, ByteString.Empty),
        ];
        await using var server = await RunningServer.StartAsync();
        foreach (var kind in (PeerKind[])[PeerKind.Client, PeerKind.Worker])
        {
            foreach (var command in all)
            {
                using var peer = await server.ConnectAsync(kind);
                await peer.SendAsync(command);
                Assert.IsType<Command.Failure>(await peer.ReceiveAsync());
                Assert.Null(await peer.ReceiveAsync());
            }
        }
        Assert.Empty((await server.InfoAsync()).Running);
    }

    [Fact]
    public async Task A_worker_that_speaks_of_another_build_loses_its_own()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, _) = await server.TakeAsync();
        using (worker)
        {
            var strange = BuildUuid.NewRandom();
            await worker.SendAsync(new Command.JobFinished(strange, new ExecutionResult.Exited(0), []));
            Assert.IsType<Command.Failure>(await worker.ReceiveAsync());
        }

        var info = await server.InfoAsync();
        Assert.Empty(info.Running);
        Assert.Equal("hello", Assert.Single(Assert.Single(info.Queues).Jobs).Name.ToString());
        Assert.Empty(server.Builds());
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("/abs")]
    [InlineData("a//b")]
    public async Task A_result_with_a_path_that_escapes_is_refused(string path)
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        using (worker)
        {
            var honest = new Command.JobFinished(
                job.Uuid,
                new ExecutionResult.Exited(0),
                [new Artifact(ArtifactPath.Parse(new string('x', path.Length)), "data"u8.ToArray())]
            );
            var frame = FrameWriter.Encode(honest).ToArray();
            System
                .Text.Encoding.ASCII.GetBytes(path)
                .CopyTo(frame.AsSpan(frame.AsSpan().LastIndexOf(System.Text.Encoding.ASCII.GetBytes(new string('x', path.Length)))));
            await worker.SendAsync(frame);
            Assert.IsType<Command.Failure>(await worker.ReceiveAsync());
        }

        Assert.Empty(server.Builds());
        Assert.Single((await server.InfoAsync()).Queues[0].Jobs);
    }

    [Fact]
    public async Task Two_thousand_idle_connections_disturb_nobody()
    {
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                Limits = FrameLimits.Default with { HandshakeDeadline = TimeSpan.FromMinutes(5) },
            }
        );
        var idle = new List<WirePeer>();
        try
        {
            for (var i = 0; i < 2000; i++)
                idle.Add(await server.ConnectAsync());
            await AssertServesAsync(server);
        }
        finally
        {
            idle.ForEach(peer => peer.Dispose());
        }
    }

    private static async Task AssertServesAsync(RunningServer server)
    {
        await server.ScheduleAsync("well");
        var (worker, job) = await server.TakeAsync();
        using (worker)
        {
            await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));
            Assert.Null(await worker.ReceiveAsync());
        }
        Assert.Equal("well", Assert.Single(server.Builds()).Job.Name.ToString());
    }

    private static byte[] Frame(byte[] body)
    {
        var frame = new byte[8 + body.Length];
        BinaryPrimitives.WriteInt64BigEndian(frame, body.Length);
        body.CopyTo(frame, 8);
        return frame;
    }
}

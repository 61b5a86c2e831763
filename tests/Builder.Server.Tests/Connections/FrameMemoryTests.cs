using System.Buffers.Binary;
using System.Globalization;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Tests.Connections;

/// <summary>Many peers that each send half of a long message take one bounded piece of memory together, and keep nobody out.</summary>
public sealed class FrameMemoryTests
{
    private const int Claimed = 8 << 20;

    [Fact]
    public async Task Half_sent_messages_of_many_peers_share_one_bound_and_short_messages_come_through()
    {
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                MaxFrameMemory = 16 << 20,
                MetricsPort = 0,
                Limits = FrameLimits.Default with { StallDeadline = TimeSpan.FromSeconds(3) },
            }
        );
        var peers = new List<WirePeer>();
        var sending = new List<Task>();
        try
        {
            for (var i = 0; i < 24; i++)
            {
                var peer = await server.ConnectAsync(PeerKind.Client);
                peers.Add(peer);
                sending.Add(SendHalfAsync(peer));
            }
            var most = await server.EventuallyAsync(() => InUseAsync(server), bytes => bytes > 8 << 20);
            await server.ScheduleAsync("short");
            await server.DoAsync(
                new Command.Schedule(
                    Period.Never,
                    new ScriptJob(ByteString.FromUtf8("middle"), ByteString.FromUtf8("p"), new ByteString(new byte[50_000]))
                )
            );
            var refusals = await Task.WhenAll(peers.Select(peer => peer.ReceiveAllAsync()));

            Assert.InRange(most, 8 << 20, 16 << 20);
            Assert.Contains(
                refusals,
                answers =>
                    answers is [Command.Failure failure]
                    && failure.Reason.ToString().StartsWith("no memory became free", StringComparison.Ordinal)
            );
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
            await Task.WhenAll(sending);
        }
        await server.EventuallyAsync(() => InUseAsync(server), bytes => bytes == 0);
        await server.DoAsync(
            new Command.Schedule(
                Period.Never,
                new ScriptJob(ByteString.FromUtf8("long"), ByteString.FromUtf8("p"), new ByteString(new byte[Claimed]))
            )
        );
    }

    [Fact]
    public async Task Who_waits_for_memory_gets_it_in_order_and_gives_up_after_a_while()
    {
        var memory = new FrameMemory(1 << 20);
        var token = TestContext.Current.CancellationToken;
        await memory.TakeAsync(700_000, TimeSpan.FromSeconds(1), TimeProvider.System, token);
        var first = memory.TakeAsync(600_000, TimeSpan.FromMinutes(1), TimeProvider.System, token).AsTask();
        var second = memory.TakeAsync(80_000, TimeSpan.FromMinutes(1), TimeProvider.System, token).AsTask();
        await memory.TakeAsync(60_000, TimeSpan.FromMinutes(1), TimeProvider.System, token);
        Assert.False(first.IsCompleted || second.IsCompleted);

        memory.Return(700_000);
        await first;
        await second;

        Assert.Equal(740_000, memory.InUse);
        var error = await Assert.ThrowsAsync<ProtocolException>(() =>
            memory.TakeAsync(500_000, TimeSpan.FromMilliseconds(1), TimeProvider.System, token).AsTask()
        );
        Assert.Equal(ProtocolErrorReason.NoMemory, error.Reason);
        Assert.Equal(740_000, memory.InUse);
    }

    private static async Task SendHalfAsync(WirePeer peer)
    {
        var head = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(head, Claimed);
        try
        {
            await peer.SendAsync(head);
            for (var sent = 0; sent < Claimed * 3 / 4; sent += 65536)
                await peer.SendAsync(new byte[65536]);
        }
        catch (IOException)
        {
            // The server has closed.
        }
        catch (ObjectDisposedException)
        {
            // The test has.
        }
    }

    private static async Task<long> InUseAsync(RunningServer server)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(
            new Uri($"http://127.0.0.1:{server.MetricsPort}/metrics"),
            TestContext.Current.CancellationToken
        );
        var line = text.Split('\n').Single(line => line.StartsWith("builder_frame_memory_bytes ", StringComparison.Ordinal));
        return (long)double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}

using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Tests.Streaming;
using Builder.Protocol.Values;

namespace Builder.Protocol.Tests.Framing;

/// <summary>The state of a server with a long queue is written and read in pieces: it must say what it says in one.</summary>
public sealed class LongStateTests
{
    private static readonly Command.InfoReply Reply = new(
        new ServerInfo(
            [
                .. Enumerable
                    .Range(0, 700)
                    .Select(number => new ScheduleItem(new Timestamp(number * 123_456_780_000L), (Period)(number % 4), Job(number))),
            ],
            [
                new PlatformQueue(ByteString.FromUtf8("debian-12"), [.. Enumerable.Range(0, 500).Select(Job)]),
                new PlatformQueue(ByteString.FromUtf8("empty"), []),
                new PlatformQueue(ByteString.FromUtf8("freebsd-14"), [.. Enumerable.Range(500, 100).Select(Job)]),
            ],
            [new RunningJob(new Timestamp(50_000), BuildUuid.FromBytes(new byte[16]), (ScriptJob)Job(0))],
            [ByteString.FromUtf8("ubuntu-24.04")]
        )
    );

    private static readonly byte[] Body = CommandCodec.Encode(Reply);

    [Theory]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public async Task It_is_read_as_it_was_written(int pieceSize)
    {
        var read = Assert.IsType<Command.InfoReply>(await ReadAsync(Body, pieceSize));
        Assert.Equal(Reply.Server.Schedule, read.Server.Schedule);
        Assert.Equal(Reply.Server.Schedule[699], read.Server.Schedule[699]);
        Assert.Equal(Reply.Server.Queues.Select(queue => queue.Platform), read.Server.Queues.Select(queue => queue.Platform));
        Assert.All(Reply.Server.Queues.Zip(read.Server.Queues), pair => Assert.Equal(pair.First.Jobs, pair.Second.Jobs));
        Assert.Equal(Reply.Server.Running, read.Server.Running);
        Assert.Equal(Reply.Server.DroppedPlatforms, read.Server.DroppedPlatforms);
        Assert.Throws<ArgumentOutOfRangeException>(() => read.Server.Schedule[700]);
        Assert.True(CommandCodec.Encode(read).AsSpan().SequenceEqual(Body));
    }

    [Fact]
    public async Task What_is_sent_is_what_is_encoded()
    {
        using var sent = new MemoryStream();
        using var writer = new FrameWriter(sent, FrameLimits.Default, TimeProvider.System);
        await writer.WriteAsync(Reply, CancellationToken.None);
        Assert.True(Body.Length > 3 * 64 * 1024);
        Assert.True(sent.ToArray().AsSpan().SequenceEqual(FrameWriter.Encode(Reply).Span));
    }

    /// <summary>A byte here and there, turned around: both ways to read it agree on whether that is a state, and why not.</summary>
    [Fact]
    public async Task What_is_wrong_with_it_is_found_in_pieces_as_in_one()
    {
        var refused = 0;
        for (var at = 0; at < Body.Length; at += 397)
        {
            var broken = Body.ToArray();
            broken[at] ^= 0xff;
            string? expected = null;
            Command? decoded = null;
            try
            {
                decoded = CommandCodec.Decode(broken);
            }
            catch (ProtocolException exception)
            {
                expected = exception.Message;
            }
            if (expected is null)
            {
                Assert.True(CommandCodec.Encode((await ReadAsync(broken, 10_000))!).AsSpan().SequenceEqual(CommandCodec.Encode(decoded!)));
                continue;
            }
            refused++;
            var found = await Assert.ThrowsAsync<ProtocolException>(() => ReadAsync(broken, 10_000));
            Assert.Contains("at byte", found.Message, StringComparison.Ordinal);
        }
        Assert.True(refused > 50, $"only {refused} were refused");
    }

    [Fact]
    public async Task An_end_in_the_middle_is_a_lost_connection()
    {
        var frame = FrameWriter.Encode(Reply).ToArray();
        for (var length = 9; length < frame.Length; length += 9973)
        {
            var reader = new FrameReader(new SlowStream(frame[..length], 10_000), FrameLimits.Default, TimeProvider.System);
            var error = await Assert.ThrowsAsync<ProtocolException>(() => reader.ReadAsync(CancellationToken.None).AsTask());
            Assert.Equal(ProtocolErrorReason.ConnectionLost, error.Reason);
        }
    }

    private static async Task<Command?> ReadAsync(byte[] body, int pieceSize)
    {
        var frame = new byte[8 + body.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(frame, body.Length);
        body.CopyTo(frame, 8);
        return await new FrameReader(new SlowStream(frame, pieceSize), FrameLimits.Default, TimeProvider.System).ReadAsync(
            CancellationToken.None
        );
    }

    private static Job Job(int number) =>
        number % 5 == 0
            ? new ScriptJob(ByteString.FromUtf8($"job-{number}"), ByteString.FromUtf8("debian-12"), new ByteString(new byte[number]))
            : new OrbBuildJob(ByteString.FromUtf8($"job-{number}"), new ByteString(new byte[number / 2]));
}

using System.Buffers.Binary;
using System.IO.Pipelines;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Tests.Streaming;
using Builder.Protocol.Values;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Protocol.Tests.Framing;

public sealed class FrameReaderTests
{
    private static readonly Command Hello = new Command.ClientHello(PeerKind.Worker, ProtocolVersion.Worker);

    private readonly FakeTimeProvider clock = new();
    private readonly Pipe pipe = new();

    [Theory]
    [InlineData(1UL << 62)]
    [InlineData(1UL << 33)]
    [InlineData(ulong.MaxValue)]
    public async Task A_length_above_the_limit_is_refused_before_anything_else_is_read(ulong claim)
    {
        await SendAsync(Claim(claim));
        var error = await Assert.ThrowsAsync<ProtocolException>(() => Reader().ReadAsync(Token).AsTask());
        Assert.Equal(ProtocolErrorReason.TooLong, error.Reason);
        Assert.Equal($"a frame claims {claim} bytes; at most 67108864 are taken", error.Message);
    }

    [Fact]
    public async Task A_frame_that_claims_much_and_sends_little_takes_little_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var stream = new MemoryStream([.. Claim(1UL << 30), 0xa6, 2, 5, 0]);
        await Assert.ThrowsAsync<ProtocolException>(() =>
            new FrameReader(stream, FrameLimits.Default with { MaxMessageSize = 1L << 30 }, clock).ReadAsync(Token).AsTask()
        );
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public async Task An_empty_frame_is_an_error() =>
        Assert.Equal("at byte 0: no bytes at all", (await Assert.ThrowsAsync<ProtocolException>(() => ReadAsync(Claim(0)))).Message);

    [Fact]
    public async Task A_connection_that_ends_between_frames_is_no_error()
    {
        await pipe.Writer.CompleteAsync();
        Assert.Null(await Reader().ReadAsync(Token));
    }

    [Theory]
    [InlineData(3, "the connection ended in the length of a frame")]
    [InlineData(8, "the connection ended after 0 of the 11 bytes of a frame")]
    [InlineData(12, "the connection ended after 4 of the 11 bytes of a frame")]
    public async Task A_connection_that_ends_within_a_frame_is_an_error(int length, string message)
    {
        var error = await Assert.ThrowsAsync<ProtocolException>(() => ReadAsync(FrameWriter.Encode(Hello).ToArray()[..length]));
        Assert.Equal((ProtocolErrorReason.ConnectionLost, message), (error.Reason, error.Message));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_frame_may_come_in_pieces(int pieceSize)
    {
        var failure = new Command.Failure(new ByteString(new byte[100_000]));
        var bytes = FrameWriter.Encode(failure).ToArray();
        var reader = new FrameReader(new SlowStream([.. bytes, .. bytes], pieceSize), FrameLimits.Default, clock);
        Assert.Equal(failure, await reader.ReadAsync(Token));
        Assert.Equal(failure, await reader.ReadAsync(Token));
        Assert.Null(await reader.ReadAsync(Token));
    }

    [Fact]
    public async Task Waiting_for_a_message_has_no_deadline()
    {
        var reading = Reader().ReadAsync(Token).AsTask();
        clock.Advance(TimeSpan.FromDays(30));
        Assert.False(reading.IsCompleted);
        await SendAsync(FrameWriter.Encode(Hello).ToArray());
        Assert.Equal(Hello, await reading);
    }

    [Fact]
    public async Task A_frame_once_begun_has_a_deadline()
    {
        await SendAsync([0]);
        var reading = Reader().ReadAsync(Token).AsTask();
        clock.Advance(FrameLimits.Default.StallDeadline);
        Assert.Equal(ProtocolErrorReason.DeadlinePassed, (await Assert.ThrowsAsync<ProtocolException>(() => reading)).Reason);
    }

    [Fact]
    public async Task A_frame_that_trickles_in_is_given_up_too()
    {
        using var stream = new TricklingStream(FrameWriter.Encode(Hello).ToArray(), () => clock.Advance(TimeSpan.FromSeconds(10)));
        var reading = new FrameReader(stream, FrameLimits.Default, clock).ReadAsync(Token).AsTask();
        Assert.Equal(ProtocolErrorReason.DeadlinePassed, (await Assert.ThrowsAsync<ProtocolException>(() => reading)).Reason);
    }

    [Fact]
    public async Task A_peer_that_does_not_say_hello_is_given_up()
    {
        var reading = Reader().ReadFirstMessageAsync(Token).AsTask();
        clock.Advance(FrameLimits.Default.HandshakeDeadline);
        Assert.Equal(ProtocolErrorReason.DeadlinePassed, (await Assert.ThrowsAsync<ProtocolException>(() => reading)).Reason);
    }

    [Fact]
    public async Task After_the_hello_there_is_no_deadline()
    {
        var reader = Reader();
        await SendAsync(FrameWriter.Encode(Hello).ToArray());
        Assert.Equal(Hello, await reader.ReadFirstMessageAsync(Token));
        var reading = reader.ReadAsync(Token).AsTask();
        clock.Advance(TimeSpan.FromDays(1));
        Assert.False(reading.IsCompleted);
        await pipe.Writer.CompleteAsync();
        Assert.Null(await reading);
    }

    [Fact]
    public async Task A_hello_is_short()
    {
        await SendAsync(Claim(1 << 20));
        var error = await Assert.ThrowsAsync<ProtocolException>(() => Reader().ReadFirstMessageAsync(Token).AsTask());
        Assert.Equal(ProtocolErrorReason.TooLong, error.Reason);
    }

    [Fact]
    public async Task A_caller_who_gives_up_gets_a_cancellation_and_not_an_error_of_the_protocol()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await SendAsync([0]);
        var reading = Reader().ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Claim(ulong length)
    {
        var header = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(header, length);
        return header;
    }

    private FrameReader Reader() => new(pipe.Reader.AsStream(), FrameLimits.Default, clock);

    private async Task<Command?> ReadAsync(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return await new FrameReader(stream, FrameLimits.Default, clock).ReadAsync(Token);
    }

    private async Task SendAsync(byte[] bytes) => await pipe.Writer.WriteAsync(bytes, Token);

    /// <summary>Gives one byte at a time, and time passes with each.</summary>
    private sealed class TricklingStream(byte[] bytes, Action passTime) : MemoryStream(bytes, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            passTime();
            return base.ReadAsync(buffer[..1], cancellationToken);
        }
    }
}

using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;

namespace Builder.Protocol.Framing;

/// <summary>
/// Reads frames from a peer that is not trusted: lengths are checked first, memory grows with what has come, and a frame once begun
/// has a deadline; waiting for one has none. After an exception the connection is of no more use. One reader at a time.
/// </summary>
public sealed class FrameReader
{
    private const int FirstPiece = 64 << 10;

    /// <summary>Messages up to this length, nearly all, do not count: the connection's own buffer has room for them.</summary>
    private const int MaxFreeMessageSize = 2 << 10;

    /// <summary>The fields of a result before its files: a uuid, and how the job ended.</summary>
    private const int MaxResultHeadSize = 64 << 10;

    /// <summary>From here on a server's state is decoded while it comes in.</summary>
    private const int LongState = 64 << 10;

    private readonly Stream stream;
    private readonly FrameLimits limits;
    private readonly TimeProvider clock;
    private readonly FrameMemory? memory;
    private readonly ByteSource source;
    private long? deadline;
    private bool isInResult;
    private long taken;
    private int buffer;

    /// <param name="memory">What the messages of all peers are held in while they come in; null for no common bound.</param>
    public FrameReader(Stream stream, FrameLimits limits, TimeProvider clock, FrameMemory? memory = null)
    {
        this.memory = memory;
        this.stream = stream;
        this.limits = limits;
        this.clock = clock;
        source = new ByteSource(ReceiveAsync, memory is null ? null : TryTakeBuffer);
    }

    /// <summary>Gives back the memory that was taken; the connection is at its end.</summary>
    public void ReleaseMemory()
    {
        GiveBack();
        memory?.ReturnBuffer(buffer);
        buffer = 0;
    }

    /// <summary>The first message of a peer, within <see cref="FrameLimits.HandshakeDeadline"/>; null where it went away without one.</summary>
    /// <exception cref="ProtocolException">The protocol or the connection broke.</exception>
    public async ValueTask<Command?> ReadFirstMessageAsync(CancellationToken cancellationToken)
    {
        SetDeadline(limits.HandshakeDeadline);
        if (await ReadHeaderAsync(cancellationToken) is not { } length)
            return null;
        return await ReadMessageAsync(length, limits.MaxHelloSize, cancellationToken);
    }

    /// <summary>The next message, held in memory; null where the peer ended the connection between two frames.</summary>
    /// <exception cref="ProtocolException">The protocol or the connection broke.</exception>
    public async ValueTask<Command?> ReadAsync(CancellationToken cancellationToken)
    {
        if (await ReadHeaderAsync(cancellationToken) is not { } length)
            return null;
        if (length <= (ulong)limits.MaxMessageSize)
            SetDeadline(limits.DeadlineFor((long)length));
        return await ReadMessageAsync(length, limits.MaxMessageSize, cancellationToken);
    }

    /// <summary>As <see cref="ReadAsync"/>, but a <c>jobFinished</c> of any length is handed out while it comes in.</summary>
    /// <exception cref="ProtocolException">The protocol or the connection broke.</exception>
    /// <exception cref="InvalidOperationException">The artifacts of the result before have not been gone through.</exception>
    public async ValueTask<Incoming?> ReadNextAsync(CancellationToken cancellationToken)
    {
        if (await ReadHeaderAsync(cancellationToken) is not { } length)
            return null;
        if (length > (ulong)Math.Max(limits.MaxResultSize, limits.MaxMessageSize))
            throw TooLong(length, limits.MaxResultSize);
        SetDeadline(limits.DeadlineFor((long)length));
        if (length > 0 && !await source.EnsureAsync(1, cancellationToken))
            throw Lost("before the first byte of a frame");
        return length > 0 && source.Buffered[0] == DerTag.Context(3)
            ? new Incoming.Result(await ReadResultAsync((long)length, cancellationToken))
            : new Incoming.Message(await ReadMessageAsync(length, limits.MaxMessageSize, cancellationToken));
    }

    private async ValueTask<FinishedJob> ReadResultAsync(long length, CancellationToken cancellationToken)
    {
        // All of it, where a peer sends the head alone and then waits.
        await TakeAsync(MaxResultHeadSize, cancellationToken);
        var der = new DerStream(source, length, ProtocolErrorReason.ConnectionLost);
        await der.EnterAsync(DerTag.Context(3), "jobFinished", cancellationToken);
        await der.EnterSequenceAsync("", cancellationToken);
        var (uuid, _) = await der.ReadElementAsync("uuid", MaxResultHeadSize, cancellationToken);
        var id = uuid.ReadUuid("uuid");
        var (result, _) = await der.ReadElementAsync("result", MaxResultHeadSize, cancellationToken);
        var outcome = result.ReadResult("result");
        GiveBack();
        var dataLength = await der.EnterSequenceAsync("data", cancellationToken);
        isInResult = true;
        return new FinishedJob(id, outcome, new ArtifactSource(dataLength, ReadArtifactsAsync(der, CancellationToken.None)));
    }

    private async IAsyncEnumerable<ArtifactContent> ReadArtifactsAsync(
        DerStream der,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var artifact in ArtifactReader.ReadAsync(der, ArtifactPaths.Confined, cancellationToken))
            yield return artifact;
        der.Leave();
        der.Leave();
        await der.EndAsync(cancellationToken);
        deadline = null;
        isInResult = false;
    }

    private async ValueTask<Command> ReadMessageAsync(ulong length, long limit, CancellationToken cancellationToken)
    {
        if (length > (ulong)limit || length > (ulong)Array.MaxLength)
            throw TooLong(length, Math.Min(limit, Array.MaxLength));
        // No server asks for a state: what a peer sends as one is held like any other message.
        if (
            length > LongState
            && memory is null
            && await source.EnsureAsync(1, cancellationToken)
            && source.Buffered[0] == DerTag.Context(22)
        )
            return await ReadInfoReplyAsync((long)length, cancellationToken);
        var body = await ReadBodyAsync((int)length, cancellationToken);
        deadline = null;
        try
        {
            return CommandCodec.Decode(body);
        }
        finally
        {
            GiveBack();
        }
    }

    private async ValueTask<Command> ReadInfoReplyAsync(long length, CancellationToken cancellationToken)
    {
        var longest = limits.MaxMessageSize;
        var der = new DerStream(source, length, ProtocolErrorReason.ConnectionLost);
        await der.EnterAsync(DerTag.Context(22), "infoReply", cancellationToken);
        await der.EnterSequenceAsync("", cancellationToken);
        var schedule = await der.ReadListAsync(
            "schedule",
            longest,
            static item => item.ReadScheduleItem(""),
            static item => item.CheckScheduleItem(""),
            cancellationToken
        );
        var queues = new List<PlatformQueue>();
        await der.EnterSequenceAsync("queues", cancellationToken);
        while (der.NextItem())
        {
            await der.EnterSequenceAsync("", cancellationToken);
            var (platform, _) = await der.ReadElementAsync("platform", longest, cancellationToken);
            var jobs = await der.ReadListAsync(
                "jobs",
                longest,
                static item => item.ReadJob(""),
                static item => item.CheckJob(""),
                cancellationToken
            );
            queues.Add(new PlatformQueue(platform.ReadText("platform"), jobs));
            der.Leave();
        }
        der.Leave();
        var running = await der.ReadListAsync(
            "running",
            longest,
            static item => item.ReadRunning(""),
            static item => item.ReadRunning(""),
            cancellationToken
        );
        var dropped = await der.ReadListAsync(
            "droppedPlatforms",
            longest,
            static item => item.ReadText(""),
            static item => item.ReadText(""),
            cancellationToken
        );
        der.Leave();
        der.Leave();
        await der.EndAsync(cancellationToken);
        deadline = null;
        return new Command.InfoReply(new ServerInfo(schedule, queues, running, dropped));
    }

    /// <summary>The length that the next frame claims, or null where there is no next frame.</summary>
    private async ValueTask<ulong?> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        if (isInResult)
            throw new InvalidOperationException("the artifacts of a finished job are to be gone through first");
        if (!await source.EnsureAsync(1, cancellationToken))
            return null;
        if (deadline is null)
            SetDeadline(limits.FrameDeadline);
        if (!await source.EnsureAsync(FrameHeader.Size, cancellationToken))
            throw Lost("in the length of a frame");
        var length = BinaryPrimitives.ReadUInt64BigEndian(source.Buffered);
        source.Consume(FrameHeader.Size);
        return length;
    }

    private async ValueTask<byte[]> ReadBodyAsync(int length, CancellationToken cancellationToken)
    {
        var first = Math.Min(length, FirstPiece);
        if (length > MaxFreeMessageSize)
            await TakeAsync(first, cancellationToken);
        var body = new byte[first];
        var filled = 0;
        while (filled < length)
        {
            if (filled == body.Length)
            {
                var longer = (int)Math.Min(length, 2L * body.Length);
                await TakeAsync(longer - body.Length, cancellationToken);
                Array.Resize(ref body, longer);
            }
            var count = await source.ReadAsync(body.AsMemory(filled), cancellationToken);
            if (count == 0)
                throw Lost($"after {filled} of the {length} bytes of a frame");
            filled += count;
        }
        return body;
    }

    private async ValueTask TakeAsync(int count, CancellationToken cancellationToken)
    {
        if (memory is null)
            return;
        await memory.TakeAsync(count, limits.StallDeadline, clock, cancellationToken);
        taken += count;
    }

    private void GiveBack()
    {
        memory?.Return(taken);
        taken = 0;
    }

    private bool TryTakeBuffer(int count)
    {
        if (!memory!.TryTakeBuffer(count))
            return false;
        buffer += count;
        return true;
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            return deadline is { } end
                ? await ReceiveInTimeAsync(destination, end, cancellationToken)
                : await stream.ReadAsync(destination, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            throw new ProtocolException(ProtocolErrorReason.ConnectionLost, $"connection lost: {exception.Message}", exception);
        }
    }

    private async ValueTask<int> ReceiveInTimeAsync(Memory<byte> destination, long end, CancellationToken cancellationToken)
    {
        var left = clock.GetElapsedTime(clock.GetTimestamp(), end);
        if (left <= TimeSpan.Zero)
            throw TooSlow();
        using var timer = new CancellationTokenSource(left < limits.StallDeadline ? left : limits.StallDeadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await stream.ReadAsync(destination, either.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TooSlow();
        }
    }

    private void SetDeadline(TimeSpan fromNow) => deadline = clock.GetTimestamp() + (long)(fromNow.TotalSeconds * clock.TimestampFrequency);

    private static ProtocolException TooLong(ulong length, long limit) =>
        new(ProtocolErrorReason.TooLong, $"a frame claims {length} bytes; at most {limit} are taken");

    private static ProtocolException TooSlow() =>
        new(ProtocolErrorReason.DeadlinePassed, "the peer did not finish what it had begun to send in time");

    private static ProtocolException Lost(string where) => new(ProtocolErrorReason.ConnectionLost, $"the connection ended {where}");
}

using System.Net.Sockets;
using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;

namespace Builder.Protocol.Framing;

/// <summary>
/// Writes frames, each with one write, so that with TCP_NODELAY it leaves as one segment. May be used from several places at once:
/// frames never mix. After an exception the connection is of no more use.
/// </summary>
public sealed class FrameWriter(Stream stream, FrameLimits limits, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim oneAtATime = new(1);

    /// <exception cref="ProtocolException">The connection broke, or the peer does not take what is sent.</exception>
    public async ValueTask WriteAsync(Command command, CancellationToken cancellationToken)
    {
        if (command is Command.InfoReply(var info, _))
            await WriteInfoReplyAsync(new InfoReplyEncoding(info), cancellationToken);
        else
            await WriteEncodedAsync(Encode(command), cancellationToken);
    }

    /// <summary>Many small messages with one write, each made by <see cref="Encode"/>: console lines come in bursts.</summary>
    /// <exception cref="ProtocolException">The connection broke, or the peer does not take what is sent.</exception>
    public async ValueTask WriteEncodedAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await SendAsync(frames, limits.DeadlineFor(frames.Length), cancellationToken);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>
    /// Sends a <c>jobFinished</c> whose artifacts are read while they are sent. A small one leaves with one write, a big one in pieces.
    /// </summary>
    /// <exception cref="ProtocolException">The connection broke, or the peer does not take what is sent.</exception>
    /// <exception cref="ArtifactChangedException">A file became shorter meanwhile; the frame cannot be completed.</exception>
    public async Task WriteFinishedAsync(
        BuildUuid uuid,
        ExecutionResult result,
        ArtifactSource artifacts,
        CancellationToken cancellationToken
    )
    {
        var fields = new DerWriter();
        fields.WriteUuid(uuid);
        fields.WriteResult(result);
        var sequence = checked(fields.Written.Length + DerSize.OfElement(artifacts.ContentLength));
        var choice = DerSize.OfElement(sequence);
        var headers = new DerWriter();
        FrameHeader.Of(DerSize.OfElement(choice)).CopyTo(headers.Take(FrameHeader.Size));
        headers.WriteHeader(DerTag.Context(3), choice);
        headers.WriteHeader(DerTag.Sequence, sequence);
        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var sink = new ByteSink((bytes, token) => SendAsync(bytes, limits.DeadlineFor(bytes.Length), token));
            await sink.WriteAsync(headers.Written, cancellationToken);
            await sink.WriteAsync(fields.Written, cancellationToken);
            await ArtifactWriter.WriteAsync(sink, artifacts, cancellationToken);
            await sink.FlushAsync(cancellationToken);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>A message with its length before it.</summary>
    public static ReadOnlyMemory<byte> Encode(Command command)
    {
        var writer = new DerWriter();
        writer.Take(FrameHeader.Size);
        CommandCodec.Write(writer, command);
        var frame = writer.Written;
        writer.Overwrite(0, FrameHeader.Of(frame.Length - FrameHeader.Size));
        return frame;
    }

    public void Dispose() => oneAtATime.Dispose();

    /// <summary>The state of a server can be long: it is sent while it is written down. A short one leaves with one write.</summary>
    private async ValueTask WriteInfoReplyAsync(InfoReplyEncoding reply, CancellationToken cancellationToken)
    {
        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await SendAsync(reply.Pieces(FrameHeader.Of(reply.Length)), limits.DeadlineFor(reply.Length), cancellationToken);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> bytes, TimeSpan within, CancellationToken cancellationToken) =>
        SendAsync([bytes], within, cancellationToken);

    private async ValueTask SendAsync(IEnumerable<ReadOnlyMemory<byte>> pieces, TimeSpan within, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(within, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            foreach (var piece in pieces)
                await stream.WriteAsync(piece, either.Token);
            await stream.FlushAsync(either.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ProtocolException(ProtocolErrorReason.DeadlinePassed, "the peer does not take what is sent to it");
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            throw new ProtocolException(ProtocolErrorReason.ConnectionLost, $"connection lost: {exception.Message}", exception);
        }
    }
}

using System.Buffers.Binary;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Builds;
using Builder.Server.Dispatch;
using Builder.Server.Options;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Connections;

/// <summary>
/// Shows a running build's console to whoever asks: all lines so far, each new one as it comes, and always the end. Each observer reads the
/// console's file at its own pace, so that none slows the build or another; one that falls too far behind misses lines, and is told so.
/// </summary>
internal sealed class BuildObservers(Dispatcher farm, ServerOptions options, ILogger logger)
{
    private const int ChunkSize = 64 * 1024;

    /// <returns>The reason of a refusal, or null when the end was shown.</returns>
    public async Task<string?> ShowAsync(Peer peer, BuildUuid uuid, CancellationToken cancellationToken)
    {
        if (farm.FindRunning(uuid) is not { } build || !build.Console.TryShare())
            return "uuid not found";
        var console = build.Console;
        try
        {
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var watching = WatchAsync(peer, gone);
            await ShowAsync(peer, uuid, console, gone.Token);
            await gone.CancelAsync();
            await watching;
            return null;
        }
        finally
        {
            console.Dispose();
        }
    }

    /// <summary>Notices an observer that goes away while nothing is printed.</summary>
    private static async Task WatchAsync(Peer peer, CancellationTokenSource gone)
    {
        try
        {
            await peer.Reader.ReadAsync(gone.Token);
            await gone.CancelAsync();
        }
        catch (Exception exception) when (exception is ProtocolException or OperationCanceledException)
        {
            await gone.CancelAsync();
        }
    }

    private async Task ShowAsync(Peer peer, BuildUuid uuid, LiveConsole console, CancellationToken cancellationToken)
    {
        var chunk = new byte[ChunkSize];
        var frames = new MemoryStream();
        long position = 0;
        // What was there when the observer came is not its backlog.
        var backlog = Math.Max(options.ObserverBacklog, console.Length);
        while (true)
        {
            var changed = console.Changed;
            var end = console.End;
            if (console.Length - position > backlog)
                position = await SkipAsync(peer, uuid, console, position, cancellationToken);
            var count = console.Read(position, chunk);
            if (count == 0)
            {
                if (end is not null && position == console.Length)
                {
                    await peer.Writer.WriteAsync(new Command.OutputTimestamped(uuid, end.Text, end.DeltaNanoseconds), cancellationToken);
                    return;
                }
                await changed.WaitAsync(cancellationToken);
                continue;
            }
            var taken = Encode(uuid, console, chunk.AsMemory(0, count), position, frames);
            if (taken == 0)
            {
                chunk = new byte[console.RecordLength(chunk, position)];
                continue;
            }
            position += taken;
            await peer.Writer.WriteEncodedAsync(frames.GetBuffer().AsMemory(0, (int)frames.Length), cancellationToken);
        }
    }

    /// <summary>Turns the whole lines of the chunk into frames.</summary>
    /// <returns>How many bytes of the chunk they took.</returns>
    private static int Encode(BuildUuid uuid, LiveConsole console, ReadOnlyMemory<byte> chunk, long position, MemoryStream frames)
    {
        frames.SetLength(0);
        var taken = 0;
        while (chunk.Length - taken >= LiveConsole.Overhead)
        {
            var rest = chunk[taken..];
            var length = console.RecordLength(rest.Span, position + taken);
            if (rest.Length < length)
                break;
            var line = console.Decode(rest[..length], position + taken);
            frames.Write(FrameWriter.Encode(new Command.OutputTimestamped(uuid, line.Text, line.DeltaNanoseconds)).Span);
            taken += length;
        }
        return taken;
    }

    /// <summary>Leaves out lines until half the backlog is left, and says how many.</summary>
    private async Task<long> SkipAsync(Peer peer, BuildUuid uuid, LiveConsole console, long position, CancellationToken cancellationToken)
    {
        var target = console.Length - (options.ObserverBacklog / 2);
        var header = new byte[LiveConsole.Head];
        long lines = 0;
        long delta = 0;
        while (position < target && console.Read(position, header) == header.Length)
        {
            delta = BinaryPrimitives.ReadInt64LittleEndian(header);
            position += console.RecordLength(header, position);
            lines++;
        }
        logger.SlowObserver(peer.Name, uuid, lines);
        var notice = ByteString.FromUtf8($"builder: {lines} lines left out, this observer is too slow");
        await peer.Writer.WriteAsync(new Command.OutputTimestamped(uuid, notice, delta), cancellationToken);
        return position;
    }
}

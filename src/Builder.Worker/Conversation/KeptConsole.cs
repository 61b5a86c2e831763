using System.Buffers;
using System.Buffers.Binary;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Worker.Processes;

namespace Builder.Worker.Conversation;

/// <summary>
/// Sends console lines as <see cref="ConsoleFrames"/> does, and keeps them in a file without a name, for the server that has the job later. Without a
/// connection it only keeps them. The file is as long as the job's limit of its console allows.
/// </summary>
/// <remarks>A line in the file: nanoseconds since the start (8 bytes), length (4), the bytes.</remarks>
internal sealed class KeptConsole : IConsoleSink, IDisposable
{
    private const int FlushAbove = 64 * 1024;
    private const int Head = 8 + 4;

    private readonly Lock gate = new();
    private readonly BuildUuid uuid;
    private readonly TimeProvider clock;
    private readonly long started;
    private readonly FileStream stream;
    private readonly ArrayBufferWriter<byte> kept = new();
    private readonly ArrayBufferWriter<byte> frames = new();
    private FrameWriter? writer;
    private long length;
    private IOException? broken;

    /// <param name="directory">Where the file is; it is removed at once and lives as long as this.</param>
    /// <exception cref="IOException">The disk is full, for example.</exception>
    public KeptConsole(BuildUuid uuid, string directory, FrameWriter writer, TimeProvider clock)
    {
        this.uuid = uuid;
        this.clock = clock;
        this.writer = writer;
        started = clock.GetTimestamp();
        var path = Path.Combine(directory, $"builder-console-{uuid}");
        stream = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.Delete,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        File.Delete(path);
    }

    public void Write(ReadOnlySpan<byte> line)
    {
        lock (gate)
        {
            var head = kept.GetSpan(Head);
            BinaryPrimitives.WriteInt64LittleEndian(head, clock.GetElapsedTime(started).Ticks * TimeSpan.NanosecondsPerTick);
            BinaryPrimitives.WriteInt32LittleEndian(head[8..], line.Length);
            kept.Advance(Head);
            kept.Write(line);
            if (kept.WrittenCount > FlushAbove)
                Keep();
            if (writer is null)
                return;
            frames.Write(FrameWriter.Encode(new Command.Output(uuid, new ByteString(line.ToArray()))).Span);
            if (frames.WrittenCount > FlushAbove)
                Send();
        }
    }

    public void Flush()
    {
        lock (gate)
        {
            Keep();
            Send();
        }
    }

    /// <summary>Sends all lines but the first ones, then each as it comes.</summary>
    /// <param name="skipped">How many of the first ones the server has.</param>
    /// <exception cref="ProtocolException">The connection broke.</exception>
    /// <exception cref="IOException">Not all lines could be kept.</exception>
    public void Attach(FrameWriter next, long skipped)
    {
        lock (gate)
        {
            Keep();
            if (broken is not null)
                throw broken;
            frames.ResetWrittenCount();
            long position = 0;
            for (long number = 0; position < length; number++)
            {
                var (line, nanoseconds) = Read(ref position, isWanted: number >= skipped);
                if (line is null)
                    continue;
                frames.Write(FrameWriter.Encode(new Command.OutputTimestamped(uuid, new ByteString(line), nanoseconds)).Span);
                if (frames.WrittenCount > FlushAbove || position == length)
                {
                    Send(next);
                    frames.ResetWrittenCount();
                }
            }
            writer = next;
        }
    }

    public void Dispose() => stream.Dispose();

    private (byte[]? Line, long Nanoseconds) Read(ref long position, bool isWanted)
    {
        Span<byte> head = stackalloc byte[Head];
        Fill(head, position);
        var line = isWanted ? new byte[BinaryPrimitives.ReadInt32LittleEndian(head[8..])] : null;
        if (line is not null)
            Fill(line, position + Head);
        position += Head + BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        return (line, BinaryPrimitives.ReadInt64LittleEndian(head));
    }

    private void Fill(Span<byte> destination, long position)
    {
        for (var filled = 0; filled < destination.Length; )
        {
            var count = RandomAccess.Read(stream.SafeFileHandle, destination[filled..], position + filled);
            filled += count > 0 ? count : throw new EndOfStreamException("the kept console was cut short");
        }
    }

    private void Keep()
    {
        if (kept.WrittenCount == 0)
            return;
        try
        {
            if (broken is null)
            {
                RandomAccess.Write(stream.SafeFileHandle, kept.WrittenSpan, length);
                length += kept.WrittenCount;
            }
        }
        catch (IOException exception)
        {
            // The job goes on with the connection that it has.
            broken = exception;
        }
        kept.ResetWrittenCount();
    }

    private void Send()
    {
        if (writer is null || frames.WrittenCount == 0)
            return;
        try
        {
            Send(writer);
        }
        catch (Exception exception) when (exception is ProtocolException or ObjectDisposedException)
        {
            // Who reads from the connection finds out as well, and attaches another one.
            writer = null;
        }
        frames.ResetWrittenCount();
    }

    /// <summary>The thread is the console's own and has nothing else to do: the job waits with it.</summary>
    private void Send(FrameWriter to) =>
        to.WriteEncodedAsync(frames.WrittenMemory, CancellationToken.None).AsTask().GetAwaiter().GetResult();
}

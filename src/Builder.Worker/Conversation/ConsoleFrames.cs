using System.Buffers;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Worker.Processes;

namespace Builder.Worker.Conversation;

/// <summary>
/// Sends console lines, those of a burst together. Waits for the server to take them, and so, through its pipe, makes the
/// job wait: memory does not grow with what a job prints.
/// </summary>
internal sealed class ConsoleFrames(BuildUuid uuid, FrameWriter writer) : IConsoleSink
{
    private const int FlushAbove = 64 * 1024;

    private readonly ArrayBufferWriter<byte> frames = new();

    public void Write(ReadOnlySpan<byte> line)
    {
        frames.Write(FrameWriter.Encode(new Command.Output(uuid, new ByteString(line.ToArray()))).Span);
        if (frames.WrittenCount > FlushAbove)
            Flush();
    }

    public void Flush()
    {
        if (frames.WrittenCount == 0)
            return;
        // The thread is the console's own and has nothing else to do.
        writer.WriteEncodedAsync(frames.WrittenMemory, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        frames.ResetWrittenCount();
    }
}

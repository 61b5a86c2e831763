using System.Buffers;
using System.Runtime.InteropServices;
using Builder.Protocol.Der;
using Builder.Worker.Native;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Processes;

/// <summary>
/// The pipe into which a job prints, read on a thread of its own until the last process that could write has ended. It has no
/// name that another job could open, and it is a pipe and no socket, because scripts open <c>/dev/stderr</c>.
/// </summary>
internal sealed class ConsolePipe : IDisposable
{
    private const short POLLIN = 1;
    private const int LookAgainMilliseconds = 500;

    private readonly SafeFileHandle reader;
    private readonly IConsoleSink sink;
    private readonly LineSplitter lines;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool isAbandoned;

    private ConsolePipe(SafeFileHandle reader, SafeFileHandle writer, IConsoleSink sink)
    {
        this.reader = reader;
        this.sink = sink;
        Writer = writer;
        lines = new LineSplitter(sink.Write);
        SpareThread.Run(Pump);
    }

    /// <summary>The end for the job; to be closed here once the job has it.</summary>
    public SafeFileHandle Writer { get; }

    /// <summary>Ends after the last line; fails where the sink did.</summary>
    public Task Ended => ended.Task;

    /// <summary>Ends only where the sink failed: nobody wants to hear the rest.</summary>
    public Task Failed => failed.Task;

    /// <exception cref="IOException">There is no pipe to be had.</exception>
    public static ConsolePipe Create(IConsoleSink sink)
    {
        var (reader, writer) = Posix.Pipe();
        Posix.DoNotWait(reader);
        return new ConsolePipe(reader, writer, sink);
    }

    /// <summary>No more is expected: what there is by now is read, then the pipe counts as ended, whoever has it open.</summary>
    public void Abandon() => isAbandoned = true;

    public void Dispose()
    {
        Writer.Dispose();
        reader.Dispose();
    }

    private void Pump()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LineSplitter.MaxLineLength);
        try
        {
            while (Read(buffer) is > 0 and var count)
            {
                lines.Add(buffer.AsSpan(0, count));
                sink.Flush();
            }
            lines.Complete();
            sink.Flush();
            ended.SetResult();
        }
        catch (Exception exception) when (exception is IOException or ProtocolException or OperationCanceledException)
        {
            failed.SetResult();
            ended.SetException(exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <returns>0 at the end.</returns>
    private unsafe int Read(byte[] buffer)
    {
        while (true)
        {
            var isLastLook = isAbandoned;
            var entry = new Posix.PollDescriptor { Descriptor = (int)reader.DangerousGetHandle(), Events = POLLIN };
            var ready = Posix.poll(&entry, 1, isLastLook ? 0 : LookAgainMilliseconds);
            if (ready > 0)
            {
                nint count;
                fixed (byte* start = buffer)
                    count = Posix.read(reader, start, (nuint)buffer.Length);
                if (count >= 0)
                    return (int)count;
            }
            if (ready == 0 && isLastLook)
                return 0;
            var error = ready == 0 ? Posix.EAGAIN : Marshal.GetLastPInvokeError();
            if (error is not (Posix.EAGAIN or Posix.EINTR))
                throw Posix.Error("cannot read what the job prints", error);
        }
    }
}

using System.Buffers;
using System.Runtime.InteropServices;
using Builder.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Execution;

/// <summary>
/// The named pipe into which a job prints, read on a thread of its own until the last process that could write has ended.
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

    private ConsolePipe(string path, SafeFileHandle reader, IConsoleSink sink)
    {
        Path = path;
        this.reader = reader;
        this.sink = sink;
        lines = new LineSplitter(sink.Write);
        SpareThread.Run(Pump);
    }

    public string Path { get; }

    /// <summary>Ends after the last line; fails where the sink did.</summary>
    public Task Ended => ended.Task;

    /// <summary>Ends only where the sink failed: nobody wants to hear the rest.</summary>
    public Task Failed => failed.Task;

    public static ConsolePipe Create(string path, IConsoleSink sink)
    {
        var name = Posix.Terminated(path);
        if (Posix.mkfifo(name, 0b110_000_000) != 0)
            throw Posix.LastError($"cannot make the pipe {path}");
        var descriptor = Posix.open(name, Posix.O_RDONLY | Posix.O_NONBLOCK | Posix.O_CLOEXEC);
        if (descriptor < 0)
            throw Posix.LastError($"cannot open the pipe {path}");
        return new ConsolePipe(path, new SafeFileHandle(descriptor, ownsHandle: true), sink);
    }

    /// <summary>No more is expected: what there is by now is read, then the pipe counts as ended, whoever has it open.</summary>
    public void Abandon() => isAbandoned = true;

    public void Dispose() => reader.Dispose();

    private void Pump()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LineSplitter.LongestLine);
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
        catch (Exception error) when (error is IOException or ProtocolException or OperationCanceledException)
        {
            failed.SetResult();
            ended.SetException(error);
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

using System.Text;
using Builder.Worker.Native;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Processes;

/// <summary>A pipe for the few words that a sandbox says about itself, or that it is given: they fit into it whole.</summary>
internal sealed class StatusPipe : IDisposable
{
    private const int Capacity = 64 * 1024;

    private const short POLLIN = 1;
    private const int LookAgainMilliseconds = 100;

    private readonly SafeFileHandle reader;
    private string said = "";

    public StatusPipe()
    {
        (reader, Writer) = Posix.Pipe();
        Posix.DoNotWait(reader);
    }

    /// <summary>The end for the sandbox.</summary>
    public SafeFileHandle Writer { get; }

    /// <summary>The reading end of a pipe that holds this, and then ends.</summary>
    public static unsafe SafeFileHandle Holding(ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, Capacity);
        var (reader, writer) = Posix.Pipe();
        using (writer)
        {
            fixed (byte* start = content)
            {
                if (Posix.write(writer, start, (nuint)content.Length) == content.Length)
                    return reader;
            }
        }
        reader.Dispose();
        throw Posix.LastError("cannot prepare what a sandbox reads");
    }

    /// <summary>Waits on the calling thread for the first line, the end of the pipe or <paramref name="isAbandoned"/>.</summary>
    public unsafe string ReadLine(Func<bool> isAbandoned)
    {
        while (!said.Contains('\n', StringComparison.Ordinal))
        {
            var isLastLook = isAbandoned();
            var entry = new Posix.PollDescriptor { Descriptor = (int)reader.DangerousGetHandle(), Events = POLLIN };
            if (Posix.poll(&entry, 1, isLastLook ? 0 : LookAgainMilliseconds) > 0 ? !ReadMore() : isLastLook)
                break;
        }
        return said;
    }

    /// <summary>All that was said by now.</summary>
    public string ReadAll()
    {
        while (ReadMore()) { }
        return said;
    }

    public void Dispose()
    {
        Writer.Dispose();
        reader.Dispose();
    }

    /// <returns>False at the end, or where nothing more was said by now.</returns>
    private unsafe bool ReadMore()
    {
        var buffer = new byte[1024];
        fixed (byte* start = buffer)
        {
            var length = Posix.read(reader, start, (nuint)buffer.Length);
            said += length > 0 ? Encoding.UTF8.GetString(buffer, 0, (int)length) : "";
            return length > 0 && said.Length < Capacity;
        }
    }
}

using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Execution;

/// <summary>A pipe for the few words that a sandbox says about itself, or that it is given: they fit into it whole.</summary>
internal sealed class StatusPipe : IDisposable
{
    private const int Capacity = 64 * 1024;

    private readonly SafeFileHandle reader;

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

    /// <summary>All that was said by now.</summary>
    public unsafe string ReadAll()
    {
        var buffer = new byte[Capacity];
        fixed (byte* start = buffer)
        {
            var length = Posix.read(reader, start, Capacity);
            return length > 0 ? Encoding.UTF8.GetString(buffer, 0, (int)length) : "";
        }
    }

    public void Dispose()
    {
        Writer.Dispose();
        reader.Dispose();
    }
}

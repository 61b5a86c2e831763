using System.Buffers.Binary;
using Builder.Posix;
using Builder.Protocol.Messages;
using Builder.Protocol.Streaming;
using Builder.Protocol.Values;
using Builder.Server.Files;
using Microsoft.Win32.SafeHandles;

namespace Builder.Server.Builds;

/// <summary>
/// The console of a build as it grows, in a file: lines are appended by one writer, read by any number of observers from wherever they
/// are, and at the end backwards into the finished build. Memory does not grow with the lines.
/// </summary>
/// <remarks>
/// A line in the file: delta (8 bytes), length (4), the bytes, CRC-32C of all these (4), length again, so that it can be read from either end.
/// </remarks>
internal sealed class LiveConsole : IDisposable
{
    public const int Overhead = Head + Tail;

    public const int Head = 8 + 4;

    private const int Tail = 4 + 4;

    private const int BufferSize = 32 * 1024;

    private readonly Lock gate = new();
    private readonly SafeFileHandle file;
    private readonly long limit;
    private readonly ConsoleSize size = new();
    private byte[] buffer = new byte[BufferSize];
    private int buffered;
    private long flushed;
    private bool isCut;
    private int users = 1;
    private TaskCompletionSource changed = NewSignal();

    /// <param name="limit">Longest console in bytes; a line that would exceed it is left out with all that follow.</param>
    public LiveConsole(string path, long limit)
        : this(path, limit, FileMode.CreateNew) { }

    private LiveConsole(string path, long limit, FileMode mode)
    {
        this.limit = limit;
        Path = path;
        file = PrivateFiles.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>Goes on with the console of a server that ended in the middle of it: whole lines stay, from the first other one on all is cut off.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static LiveConsole Reopen(string path, long limit)
    {
        var console = new LiveConsole(path, limit, FileMode.OpenOrCreate);
        try
        {
            console.Recover();
            return console;
        }
        catch
        {
            console.Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>Lines appended so far.</summary>
    public long Lines { get; private set; }

    /// <summary>How far the file may be read.</summary>
    public long Length => Interlocked.Read(ref flushed);

    /// <summary>How the build ended, once it has; <see cref="Length"/> does not grow any more then.</summary>
    public ConsoleEnd? End { get; private set; }

    /// <summary>Completes when <see cref="Length"/> or <see cref="End"/> have changed since this was asked.</summary>
    public Task Changed
    {
        get
        {
            lock (gate)
                return changed.Task;
        }
    }

    private string CutText => $"builder: the console is longer than {limit} bytes, the rest is left out";

    private void Recover()
    {
        flushed = RandomAccess.GetLength(file);
        var head = new byte[Head];
        var cut = ByteString.FromUtf8(CutText);
        long position = 0;
        try
        {
            while (flushed - position >= Overhead && RandomAccess.Read(file, head, position) == Head)
            {
                var record = new byte[RecordLength(head, position)];
                for (var filled = 0; filled < record.Length; )
                {
                    var count = RandomAccess.Read(file, record.AsSpan(filled), position + filled);
                    filled += count > 0 ? count : throw new EndOfStreamException("the console file was cut short");
                }
                var line = Decode(record, position);
                size.Add(line);
                Lines++;
                isCut = line.Text == cut;
                position += record.Length;
            }
        }
        catch (DamagedFileException)
        {
            // The worker has what comes from there on.
        }
        RandomAccess.SetLength(file, position);
        flushed = position;
    }

    /// <summary>Buffers a line; <see cref="Flush"/> shows it to observers.</summary>
    public void Append(ConsoleLine line)
    {
        if (isCut)
            return;
        if (Length + buffered + line.Text.Length + Overhead > limit)
        {
            isCut = true;
            line = line with { Text = ByteString.FromUtf8(CutText) };
        }
        var length = line.Text.Length + Overhead;
        if (buffered + length > buffer.Length)
            Flush();
        if (length > buffer.Length)
            Array.Resize(ref buffer, length);
        var record = buffer.AsSpan(buffered, length);
        BinaryPrimitives.WriteInt64LittleEndian(record, line.DeltaNanoseconds);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], line.Text.Length);
        line.Text.Span.CopyTo(record[Head..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[^Tail..], Crc32C.Of(record[..^Tail]));
        BinaryPrimitives.WriteInt32LittleEndian(record[^4..], line.Text.Length);
        buffered += length;
        size.Add(line);
        Lines++;
    }

    /// <exception cref="IOException">The disk is full, for example.</exception>
    public void Flush()
    {
        if (buffered == 0)
            return;
        RandomAccess.Write(file, buffer.AsSpan(0, buffered), flushed);
        Interlocked.Add(ref flushed, buffered);
        buffered = 0;
        if (buffer.Length > BufferSize)
            buffer = new byte[BufferSize];
        Signal();
    }

    /// <summary>Tells the observers how the build ended.</summary>
    public void Complete(ConsoleEnd end)
    {
        End = end;
        Signal();
    }

    public int Read(long position, Span<byte> destination)
    {
        var length = (int)Math.Min(destination.Length, Length - position);
        return length <= 0 ? 0 : RandomAccess.Read(file, destination[..length], position);
    }

    /// <summary>All lines, the newest first, as the finished build has them.</summary>
    public ConsoleSource ToSource()
    {
        Flush();
        return new ConsoleSource(size.ContentLength, NewestFirst().ToAsyncEnumerable());
    }

    private IEnumerable<ConsoleLine> NewestFirst()
    {
        var window = Array.Empty<byte>();
        long start = Length;
        for (var end = start; end > 0; )
        {
            if (end - start < sizeof(int))
                (window, start) = ReadBefore(end, BufferSize);
            var length = BinaryPrimitives.ReadInt32LittleEndian(window.AsSpan((int)(end - start) - sizeof(int)));
            if (length < 0 || length > end - Overhead)
                throw Damaged(end - sizeof(int));
            if (end - start < length + Overhead)
                (window, start) = ReadBefore(end, length + Overhead);
            var record = window.AsMemory((int)(end - start) - length - Overhead, length + Overhead);
            yield return Decode(record, end - record.Length);
            end -= length + Overhead;
        }
    }

    /// <summary>The line that the record at <paramref name="position"/> holds.</summary>
    /// <exception cref="DamagedFileException">It is not what was written.</exception>
    public ConsoleLine Decode(ReadOnlyMemory<byte> record, long position)
    {
        var bytes = record.Span;
        if (
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[^Tail..]) != Crc32C.Of(bytes[..^Tail])
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) != bytes.Length - Overhead
        )
        {
            throw Damaged(position);
        }
        return new ConsoleLine(BinaryPrimitives.ReadInt64LittleEndian(bytes), new ByteString(record[Head..^Tail]));
    }

    /// <summary>Length of the whole record that begins with these bytes at <paramref name="position"/>.</summary>
    /// <exception cref="DamagedFileException">It is not what was written.</exception>
    public int RecordLength(ReadOnlySpan<byte> head, long position)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        return length >= 0 && length <= Length - position - Overhead ? length + Overhead : throw Damaged(position);
    }

    private DamagedFileException Damaged(long position) => new(Path, position, "a line of the console is not what was written");

    /// <summary>Keeps the file open for an observer until it disposes of the console as well.</summary>
    public bool TryShare()
    {
        lock (gate)
        {
            if (users == 0)
                return false;
            users++;
            return true;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (users > 0 && --users == 0)
                file.Dispose();
        }
    }

    /// <summary>At least <paramref name="size"/> bytes before <paramref name="end"/>, or all there are, and where they start.</summary>
    private (byte[] Window, long Start) ReadBefore(long end, int size)
    {
        var start = Math.Max(0, end - Math.Max(size, BufferSize));
        var window = new byte[end - start];
        for (var filled = 0; filled < window.Length; )
        {
            var count = RandomAccess.Read(file, window.AsSpan(filled), start + filled);
            filled += count > 0 ? count : throw new EndOfStreamException("the console file was cut short");
        }
        return (window, start);
    }

    private void Signal()
    {
        TaskCompletionSource before;
        lock (gate)
        {
            before = changed;
            changed = NewSignal();
        }
        before.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

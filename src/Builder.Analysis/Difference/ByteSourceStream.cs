using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference;

/// <summary>A source as a stream for libraries, which like to read single bytes. Each stream has a position of its own.</summary>
internal sealed class ByteSourceStream(ByteSource source) : Stream
{
    private readonly byte[] buffer = new byte[(int)Math.Clamp(source.Length, 1, 1 << 16)];
    private long bufferStart;
    private int bufferLength;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => source.Length;

    public override long Position { get; set; }

    public override int ReadByte()
    {
        var at = Position - bufferStart;
        if (at < 0 || at >= bufferLength)
        {
            if (!Fill())
                return -1;
            at = 0;
        }
        Position++;
        return buffer[at];
    }

    public override int Read(Span<byte> destination)
    {
        if (destination.IsEmpty)
            return 0;
        var at = Position - bufferStart;
        if (at < 0 || at >= bufferLength)
        {
            if (destination.Length >= buffer.Length)
            {
                var direct = (int)Math.Clamp(source.Length - Position, 0, destination.Length);
                if (direct > 0)
                    source.Read(Position, destination[..direct]);
                Position += direct;
                return direct;
            }
            if (!Fill())
                return 0;
            at = 0;
        }
        var count = Math.Min(destination.Length, bufferLength - (int)at);
        buffer.AsSpan((int)at, count).CopyTo(destination);
        Position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => source.Length + offset,
        };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool Fill()
    {
        var count = (int)Math.Clamp(source.Length - Position, 0, buffer.Length);
        if (count == 0 || Position < 0)
            return false;
        source.Read(Position, buffer.AsSpan(0, count));
        (bufferStart, bufferLength) = (Position, count);
        return true;
    }
}

namespace Builder.Benchmarks.Storage;

/// <summary>So many bytes that no other number's stream has.</summary>
internal sealed class PatternStream(int number, long length) : Stream
{
    private readonly byte[] pattern = Pattern(number);
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var some = (int)Math.Min(Math.Min(count, pattern.Length), length - position);
        pattern.AsSpan(0, some).CopyTo(buffer.AsSpan(offset));
        position += some;
        return some;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static byte[] Pattern(int number)
    {
        var bytes = new byte[64 << 10];
        new Random(number).NextBytes(bytes);
        return bytes;
    }
}

using System.Buffers;

namespace Builder.Storage.Maintenance;

/// <summary>Takes what a file should hold and compares it with what it holds, keeping neither.</summary>
internal sealed class ComparingStream(Stream actual) : Stream
{
    private bool differs;
    private bool isCutOff;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Once everything was written here.</summary>
    public async Task<TextComparison> ResultAsync(CancellationToken cancellationToken)
    {
        var one = new byte[1];
        var isLonger = !differs && !isCutOff && await actual.ReadAsync(one, cancellationToken) == 1;
        return differs || isLonger ? TextComparison.Different
            : isCutOff ? TextComparison.CutOff
            : TextComparison.Same;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (differs || isCutOff)
            return;
        var read = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            var count = await actual.ReadAtLeastAsync(
                read.AsMemory(0, buffer.Length),
                buffer.Length,
                throwOnEndOfStream: false,
                cancellationToken
            );
            differs = !buffer.Span[..count].SequenceEqual(read.AsSpan(0, count));
            isCutOff = count < buffer.Length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(read);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush() { }
}

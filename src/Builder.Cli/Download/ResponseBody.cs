using Builder.Cli.Diff;

namespace Builder.Cli.Download;

/// <summary>The body of an answer: at most so many bytes of it, none later than <paramref name="maxSilence"/> after the one before.</summary>
/// <param name="maxLength">In bytes; the stream ends there.</param>
internal sealed class ResponseBody(Stream body, long maxLength, TimeSpan maxSilence, DiffProgress progress) : Stream
{
    private long length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="TimeoutException">No bytes arrived in time.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Reading no bytes would wait until there are some.
        if (length == maxLength)
            return 0;
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(maxSilence);
        try
        {
            var count = await body.ReadAsync(buffer[..(int)Math.Min(buffer.Length, maxLength - length)], time.Token);
            length += count;
            progress.Bytes = length;
            return count;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no bytes arrived for {maxSilence.TotalSeconds:0} s");
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            body.Dispose();
        base.Dispose(disposing);
    }
}

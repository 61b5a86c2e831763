namespace Builder.Objects.Transfer;

/// <summary>The body of an answer: forward only. It never ends early without an error.</summary>
internal sealed class DownloadStream(Stream body, HttpResponseMessage response, IdleLimit idle, long length, StoreConnection connection)
    : Stream
{
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

    public override int Read(byte[] buffer, int offset, int count) => Guard(() => body.Read(buffer, offset, count), count);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
        try
        {
            idle.Restart();
            var count = await body.ReadAsync(buffer, either.Token);
            idle.Suspend();
            return Advance(count, buffer.Length);
        }
        catch (OperationCanceledException exception) when (idle.IsReached && !cancellationToken.IsCancellationRequested)
        {
            throw connection.Stalled(exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException and not ObjectStoreException)
        {
            throw connection.Broken(exception);
        }
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            response.Dispose();
            idle.Dispose();
        }
        base.Dispose(disposing);
    }

    private int Guard(Func<int> read, int wanted)
    {
        try
        {
            return Advance(read(), wanted);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException and not ObjectStoreException)
        {
            throw connection.Broken(exception);
        }
    }

    private int Advance(int count, int wanted)
    {
        position += count;
        return count == 0 && wanted > 0 && position < length
            ? throw connection.Broken(new EndOfStreamException($"the answer ended at byte {position} of {length}"))
            : count;
    }
}

namespace Builder.Storage.Tests.Ingestion;

/// <summary>A body that comes in up to a point, and goes on when the test says so.</summary>
internal sealed class StreamInPieces(byte[] content, int pauseAt) : Stream
{
    private readonly TaskCompletionSource paused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource continued = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int position;

    public Task Paused => paused.Task;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void Continue() => continued.SetResult();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (position == pauseAt)
        {
            paused.TrySetResult();
            await continued.Task.WaitAsync(cancellationToken);
        }
        var end = position < pauseAt ? pauseAt : content.Length;
        var count = Math.Min(buffer.Length, end - position);
        content.AsMemory(position, count).CopyTo(buffer);
        position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

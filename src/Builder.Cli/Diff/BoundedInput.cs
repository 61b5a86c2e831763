using Builder.Cli.Errors;

namespace Builder.Cli.Diff;

/// <summary>A stream of unknown length: at most 4 GiB are read from it, and the progress counts them.</summary>
/// <param name="name">For the error.</param>
/// <param name="maxSilence">The longest time without a byte; null for no limit.</param>
internal sealed class BoundedInput(Stream inner, string name, DiffProgress progress, TimeSpan? maxSilence = null) : Stream
{
    public const long MaxLength = 4L << 30;

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

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await ReadInTimeAsync(buffer, cancellationToken);
        length += count;
        if (length > MaxLength)
            throw new CommandException($"{name} has more than {MaxLength} bytes; save it to a file and compare that");
        progress.Bytes = length;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask<int> ReadInTimeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (maxSilence is not { } silence)
            return await inner.ReadAsync(buffer, cancellationToken);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(silence);
        try
        {
            return await inner.ReadAsync(buffer, time.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"{name}: no bytes arrived for {silence.TotalSeconds:0} s");
        }
    }
}

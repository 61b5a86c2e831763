using System.Buffers;
using Builder.Storage.Artifacts;

namespace Builder.Storage.Buckets;

/// <summary>
/// A large content of a bucket. Who reads it from somewhere to its end streams it. Who goes back and forth gets a local copy at the first jump: a request
/// for each would take a hundred times as long.
/// </summary>
/// <param name="first">The first chunk, where it is here already; else empty.</param>
/// <param name="copy">Makes the local copy; null for who only reads forwards.</param>
internal sealed class BucketContentStream(BucketContent content, byte[] first, Func<CancellationToken, Task<FileStream>>? copy) : Stream
{
    private byte[]? chunk;
    private long chunkNumber = -1;
    private int chunkLength;
    private bool isChecked;
    private FileStream? local;
    private long position;
    private long chunksRead;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position
    {
        get => position;
        set =>
            position =
                value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "before the beginning of the content");
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => position + offset,
            _ => Length + offset,
        };

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || position >= Length)
            return 0;
        if (!IsHere(position / ChunkHashes.ChunkInBytes))
            LoadAsync(position / ChunkHashes.ChunkInBytes, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return local is null ? GiveOut(buffer) : Advance(RandomAccess.Read(local.SafeFileHandle, buffer, position));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || position >= Length)
            return 0;
        if (!IsHere(position / ChunkHashes.ChunkInBytes))
            await LoadAsync(position / ChunkHashes.ChunkInBytes, cancellationToken);
        return local is null
            ? GiveOut(buffer.Span)
            : Advance(await RandomAccess.ReadAsync(local.SafeFileHandle, buffer, position, cancellationToken));
    }

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await content.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.DisposeAsync().AsTask().GetAwaiter().GetResult();
            local?.Dispose();
            if (Interlocked.Exchange(ref chunk, null) is { } rented)
                ArrayPool<byte>.Shared.Return(rented);
        }
        base.Dispose(disposing);
    }

    private bool IsHere(long number) => local is not null || number == chunkNumber;

    private async ValueTask LoadAsync(long number, CancellationToken cancellationToken)
    {
        if (number == 0 && first.Length > 0)
        {
            if (!isChecked)
                content.Require(0, first);
            (isChecked, chunkNumber, chunkLength) = (true, 0, first.Length);
            return;
        }
        // One step on, or the first one wherever it is: that is reading forwards. The beginning is often looked at before.
        if (copy is not null && chunksRead > 0 && number != chunkNumber + 1)
        {
            local = await copy(cancellationToken);
            return;
        }
        chunk ??= ArrayPool<byte>.Shared.Rent(ChunkHashes.ChunkInBytes);
        (chunkNumber, chunkLength) = (-1, 0);
        chunkLength = await content.ReadAsync(number, chunk, cancellationToken);
        chunkNumber = number;
        chunksRead++;
    }

    private int GiveOut(Span<byte> buffer)
    {
        var source = chunkNumber == 0 && first.Length > 0 ? first : chunk!;
        var within = (int)(position % ChunkHashes.ChunkInBytes);
        var count = Math.Min(buffer.Length, chunkLength - within);
        source.AsSpan(within, count).CopyTo(buffer);
        return Advance(count);
    }

    private int Advance(int count)
    {
        position += count;
        return count;
    }
}

using System.Buffers;
using Builder.Analysis.Values;
using Microsoft.Win32.SafeHandles;

namespace Builder.Storage.Artifacts;

/// <summary>
/// A stored content. Where its chunks are still to be checked, each is read and hashed as a whole before a byte of it is given out, so that
/// no wrong byte ever is.
/// </summary>
/// <param name="chunks">Null where nothing is left to be checked.</param>
internal sealed class CheckedContentStream(SafeFileHandle handle, Sha256Digest digest, long length, ChunkHashes? chunks, ContentCheck check)
    : Stream
{
    private byte[]? chunk;
    private long chunkNumber = -1;
    private int chunkLength;
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

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
            _ => length + offset,
        };

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || position >= length)
            return 0;
        if (chunks is null)
            return Advance(RandomAccess.Read(handle, buffer, position));
        if (position / ChunkHashes.ChunkInBytes != chunkNumber)
        {
            chunk ??= ArrayPool<byte>.Shared.Rent(ChunkHashes.ChunkInBytes);
            var start = position / ChunkHashes.ChunkInBytes * ChunkHashes.ChunkInBytes;
            (chunkNumber, chunkLength) = (-1, 0);
            while (
                chunkLength < ChunkHashes.ChunkInBytes
                && RandomAccess.Read(handle, chunk.AsSpan(chunkLength, ChunkHashes.ChunkInBytes - chunkLength), start + chunkLength)
                    is > 0
                        and var read
            )
            {
                chunkLength += read;
            }
            if (!IsRight(start))
                throw Damaged(start);
            chunkNumber = start / ChunkHashes.ChunkInBytes;
        }
        return GiveOut(buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || position >= length)
            return 0;
        if (chunks is null)
            return Advance(await RandomAccess.ReadAsync(handle, buffer, position, cancellationToken));
        if (position / ChunkHashes.ChunkInBytes != chunkNumber)
        {
            chunk ??= ArrayPool<byte>.Shared.Rent(ChunkHashes.ChunkInBytes);
            var start = position / ChunkHashes.ChunkInBytes * ChunkHashes.ChunkInBytes;
            chunkNumber = -1;
            chunkLength = await ContentCheck.ReadChunkAsync(handle, chunk, start, cancellationToken);
            if (!IsRight(start))
                throw Damaged(start);
            chunkNumber = start / ChunkHashes.ChunkInBytes;
        }
        return GiveOut(buffer.Span);
    }

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            handle.Dispose();
            if (Interlocked.Exchange(ref chunk, null) is { } rented)
                ArrayPool<byte>.Shared.Return(rented);
        }
        base.Dispose(disposing);
    }

    private bool IsRight(long start) =>
        chunkLength == Math.Min(ChunkHashes.ChunkInBytes, length - start)
        && chunks!.Matches(start / ChunkHashes.ChunkInBytes, chunk.AsSpan(0, chunkLength));

    private DamagedContentException Damaged(long start) =>
        check.Report(digest, $"the MiB from byte {start} on has another hash than when it was stored");

    private int GiveOut(Span<byte> buffer)
    {
        var within = (int)(position % ChunkHashes.ChunkInBytes);
        var count = Math.Min(buffer.Length, chunkLength - within);
        chunk.AsSpan(within, count).CopyTo(buffer);
        return Advance(count);
    }

    private int Advance(int count)
    {
        if (count == 0)
            throw check.Report(digest, $"it ends at byte {position} of {length}");
        position += count;
        return count;
    }
}

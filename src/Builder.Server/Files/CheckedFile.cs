using System.Buffers.Binary;
using Builder.Protocol.Values;

namespace Builder.Server.Files;

/// <summary>A file whose pieces are compared with their checksums before any of their bytes is handed out.</summary>
/// <param name="checksums">Of each piece; empty where none are known, then nothing is compared.</param>
internal sealed class CheckedFile(FileStream file, ByteString checksums) : Stream
{
    private readonly byte[] piece = new byte[Math.Min(PieceChecksums.PieceSize, Math.Max(file.Length, 1))];
    private int filled;
    private int taken;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position - filled + taken;
        set => throw new NotSupportedException();
    }

    /// <exception cref="DamagedFileException">A piece is not what was written, or the file has another length.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (taken == filled)
            await FillAsync(cancellationToken);
        var count = Math.Min(buffer.Length, filled - taken);
        piece.AsMemory(taken, count).CopyTo(buffer);
        taken += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read asynchronously");

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        var start = file.Position;
        filled = await file.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellationToken);
        taken = 0;
        if (checksums.IsEmpty)
            return;
        var place = (int)(start / PieceChecksums.PieceSize) * sizeof(uint);
        if (filled == 0 ? place != checksums.Length && start % PieceChecksums.PieceSize == 0 : place >= checksums.Length)
            throw new DamagedFileException(file.Name, start, "it is not as long as it was written");
        if (filled > 0 && BinaryPrimitives.ReadUInt32LittleEndian(checksums.Span[place..]) != Crc32C.Of(piece.AsSpan(0, filled)))
            throw new DamagedFileException(file.Name, start, $"{filled} bytes from there on do not match their checksum");
    }
}

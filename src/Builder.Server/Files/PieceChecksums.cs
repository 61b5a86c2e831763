using System.Buffers;
using System.Buffers.Binary;
using Builder.Protocol.Values;

namespace Builder.Server.Files;

/// <summary>CRC-32C of each MiB of a file, so that damage is found, and found where, before the bytes are passed on.</summary>
internal sealed class PieceChecksums
{
    public const int PieceSize = 1 << 20;

    private readonly ArrayBufferWriter<byte> sums = new();
    private uint sum = uint.MaxValue;
    private int filled;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = Math.Min(bytes.Length, PieceSize - filled);
            sum = Crc32C.Add(sum, bytes[..count]);
            filled += count;
            bytes = bytes[count..];
            if (filled == PieceSize)
                EndPiece();
        }
    }

    /// <summary>4 bytes for each piece, the last of which may be shorter.</summary>
    public ByteString End()
    {
        if (filled > 0)
            EndPiece();
        return new ByteString(sums.WrittenSpan.ToArray());
    }

    public static async Task<ByteString> OfAsync(Stream content, CancellationToken cancellationToken)
    {
        var checksums = new PieceChecksums();
        var buffer = new byte[64 * 1024];
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            checksums.Add(buffer.AsSpan(0, count));
        return checksums.End();
    }

    private void EndPiece()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(sums.GetSpan(sizeof(uint)), ~sum);
        sums.Advance(sizeof(uint));
        sum = uint.MaxValue;
        filled = 0;
    }
}

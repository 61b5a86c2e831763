using System.Buffers.Binary;
using System.IO.Compression;

namespace Builder.Publishing.Archives;

/// <summary>
/// Unpacks gzip and compares at the end with the length that its last four bytes state: .NET's own stream ends quietly where a
/// file was cut off.
/// </summary>
internal sealed class CheckedGzipStream(FileSection packed) : ReadOnlyStream
{
    private readonly GZipStream unpacked = new(packed, CompressionMode.Decompress);
    private uint length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await unpacked.ReadAsync(buffer, cancellationToken);
        length += (uint)count;
        if (
            count == 0
            && !buffer.IsEmpty
            && BinaryPrimitives.ReadUInt32LittleEndian(await packed.LastBytesAsync(4, cancellationToken)) != length
        )
            throw new PackageException("cannot be unpacked: the gzip data is cut off");
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await unpacked.DisposeAsync();
        await base.DisposeAsync();
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Builder.Storage.Search;

/// <summary>Bytes as the tables of the search index keep them: their length in four bytes, then compressed by Deflate.</summary>
internal static class Packed
{
    /// <summary>Nothing that the index writes is larger unpacked.</summary>
    private const int MaxLength = 64 << 20;

    private const int LengthSize = 4;

    public static byte[] Pack(List<byte> bytes)
    {
        using var packed = new MemoryStream(LengthSize + (bytes.Count / 2));
        Span<byte> length = stackalloc byte[LengthSize];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Count);
        packed.Write(length);
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(CollectionsMarshal.AsSpan(bytes));
        return packed.ToArray();
    }

    /// <exception cref="InvalidDataException">They are not what was written.</exception>
    public static ReadOnlyMemory<byte> Unpack(byte[] packed)
    {
        var length = packed.Length < LengthSize ? -1 : BinaryPrimitives.ReadInt32LittleEndian(packed);
        if (length is < 0 or > MaxLength)
            throw new InvalidDataException("a block of the search index is damaged");
        using var deflate = new DeflateStream(new MemoryStream(packed, LengthSize, packed.Length - LengthSize), CompressionMode.Decompress);
        var bytes = new byte[length];
        return deflate.ReadAtLeast(bytes, length, throwOnEndOfStream: false) == length
            ? bytes
            : throw new InvalidDataException("a block of the search index is damaged");
    }
}

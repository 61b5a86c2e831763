using System.IO.Compression;
using Builder.Analysis.Elf;
using ZstdSharp;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Debug information is often compressed inside its sections (<c>SHF_COMPRESSED</c>, gABI "Section Compression").</summary>
internal static class CompressedSection
{
    private const uint Zlib = 1;
    private const uint Zstandard = 2;
    private const ulong Compressed = 0x800;

    public static bool Is(ElfSection section) => (section.Flags & Compressed) != 0;

    /// <param name="tryTake">Whether so many bytes may be kept.</param>
    public static bool TryUnpack(byte[] bytes, FieldReader reader, Func<ulong, bool> tryTake, out byte[] unpacked)
    {
        unpacked = [];
        // Type, in 64-bit files four bytes of nothing, size, alignment.
        var header = 3 * reader.AddressSize;
        if (bytes.Length < header)
            return false;
        var size = reader.Address(bytes, reader.AddressSize);
        var type = reader.UInt32(bytes, 0);
        if (type is not (Zlib or Zstandard) || size > int.MaxValue || !tryTake(size))
            return false;
        unpacked = new byte[size];
        try
        {
            using var packed = new MemoryStream(bytes, header, bytes.Length - header, writable: false);
            using Stream stream =
                type == Zlib ? new ZLibStream(packed, CompressionMode.Decompress) : new DecompressionStream(packed, leaveOpen: true);
            stream.ReadExactly(unpacked);
            return true;
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or ZstdException)
        {
            unpacked = [];
            return false;
        }
    }
}

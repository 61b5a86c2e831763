using System.IO.Compression;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Debug information is often compressed inside its sections (<c>SHF_COMPRESSED</c>, gABI "Section Compression").</summary>
internal static class CompressedSection
{
    private const int HeaderSize = 24;
    private const uint Zlib = 1;
    private const ulong Compressed = 0x800;

    public static bool Is(ElfSection section) => (section.Flags & Compressed) != 0;

    /// <param name="tryTake">Whether so many bytes may be kept.</param>
    public static bool TryUnpack(byte[] bytes, bool isBigEndian, Func<ulong, bool> tryTake, out byte[] unpacked)
    {
        unpacked = [];
        if (bytes.Length < HeaderSize)
            return false;
        var reader = new FieldReader(isBigEndian);
        var size = reader.UInt64(bytes, 8);
        if (reader.UInt32(bytes, 0) != Zlib || size > int.MaxValue || !tryTake(size))
            return false;
        unpacked = new byte[size];
        try
        {
            using var packed = new MemoryStream(bytes, HeaderSize, bytes.Length - HeaderSize, writable: false);
            using var stream = new ZLibStream(packed, CompressionMode.Decompress);
            stream.ReadExactly(unpacked);
            return true;
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            unpacked = [];
            return false;
        }
    }
}

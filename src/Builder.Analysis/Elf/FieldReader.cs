using System.Buffers.Binary;

namespace Builder.Analysis.Elf;

/// <summary>Numbers in the byte order of the file, and addresses in the width of its class.</summary>
internal readonly struct FieldReader(bool bigEndian, bool is32Bit = false)
{
    /// <summary>Bytes of an address.</summary>
    public int AddressSize => is32Bit ? 4 : 8;

    /// <summary>An address, an offset or a size in the width of the file's class.</summary>
    public ulong Address(ReadOnlySpan<byte> bytes, int at) => is32Bit ? UInt32(bytes, at) : UInt64(bytes, at);

    /// <summary>The same as a number that may be negative.</summary>
    public long SignedAddress(ReadOnlySpan<byte> bytes, int at) => is32Bit ? (int)UInt32(bytes, at) : (long)UInt64(bytes, at);

    public ushort UInt16(ReadOnlySpan<byte> bytes, int at) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    public uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    public ulong UInt64(ReadOnlySpan<byte> bytes, int at) =>
        bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}

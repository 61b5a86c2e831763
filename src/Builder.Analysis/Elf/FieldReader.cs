using System.Buffers.Binary;

namespace Builder.Analysis.Elf;

/// <summary>Numbers in the byte order of the file.</summary>
internal readonly struct FieldReader(bool bigEndian)
{
    public ushort UInt16(ReadOnlySpan<byte> bytes, int at) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    public uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    public ulong UInt64(ReadOnlySpan<byte> bytes, int at) =>
        bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}

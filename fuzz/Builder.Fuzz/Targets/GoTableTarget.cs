using System.Buffers.Binary;

namespace Builder.Fuzz.Targets;

/// <summary>The table that names the functions of a Go program, with an ELF file around it.</summary>
internal static class GoTableTarget
{
    private const int CodeSize = 512;
    private const int HeaderSize = 64;
    private const int RowSize = 64;
    private static ReadOnlySpan<byte> Names => "\0.text\0.gopclntab\0.shstrtab\0"u8;

    public static FuzzTarget Create() => new("gopclntab", input => ElfTarget.Run(Around(input)));

    private static byte[] Around(byte[] table)
    {
        var namesAt = HeaderSize + CodeSize + table.Length;
        var rowsAt = namesAt + Names.Length;
        var file = new byte[rowsAt + 4 * RowSize];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 0x3E);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(40), (ulong)rowsAt);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(52), HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(58), RowSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(60), 4);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(62), 3);
        table.CopyTo(file, HeaderSize + CodeSize);
        Names.CopyTo(file.AsSpan(namesAt));
        Row(file.AsSpan(rowsAt + RowSize), name: 1, type: 1, flags: 6, address: 0x401000, HeaderSize, CodeSize);
        Row(file.AsSpan(rowsAt + 2 * RowSize), name: 7, type: 1, flags: 2, address: 0x500000, HeaderSize + CodeSize, table.Length);
        Row(file.AsSpan(rowsAt + 3 * RowSize), name: 18, type: 3, flags: 0, address: 0, namesAt, Names.Length);
        return file;
    }

    private static void Row(Span<byte> row, uint name, uint type, ulong flags, ulong address, int offset, int size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(row, name);
        BinaryPrimitives.WriteUInt32LittleEndian(row[4..], type);
        BinaryPrimitives.WriteUInt64LittleEndian(row[8..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(row[16..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(row[24..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(row[32..], (ulong)size);
    }
}

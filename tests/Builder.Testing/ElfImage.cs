using System.Buffers.Binary;
using System.Text;

namespace Builder.Testing;

/// <summary>Writes small ELF files: code and data with symbols, and nothing that a test does not ask for.</summary>
public sealed class ElfImage
{
    private const ulong TextAddress = 0x400000;
    private const ulong DataAddress = 0x80000000;
    private const ushort Text = 1;
    private const ushort Data = 2;

    private readonly List<byte[]> _entries = [new byte[24]];
    private readonly List<byte> _names = [0];
    private int _text;
    private int _data;

    /// <summary>An OCaml unit with its functions, each of <paramref name="functionSize"/> bytes.</summary>
    public ElfImage Unit(string name, int functions, int functionSize, int dataSize, string separator = "__")
    {
        Symbol($"caml{name}{separator}code_begin", 0, 0, Text, _text);
        for (var i = 0; i < functions; i++)
            Function($"caml{name}{separator}f{i}_{i + 100}", functionSize);
        Symbol($"caml{name}{separator}code_end", 0, 0, Text, _text);
        Symbol($"caml{name}{separator}data_begin", 0, 0, Data, _data);
        _data += dataSize;
        Symbol($"caml{name}{separator}data_end", 0, 0, Data, _data);
        return this;
    }

    public ElfImage Function(string name, int size, bool isLocal = false)
    {
        Symbol(name, (byte)(isLocal ? 0x02 : 0x12), size, Text, _text);
        _text += size;
        return this;
    }

    /// <summary>The local functions that follow are from this source file.</summary>
    public ElfImage SourceFile(string name)
    {
        Symbol(name, 0x04, 0, 0xFFF1, 0);
        return this;
    }

    public ElfImage UnnamedCode(int size)
    {
        _text += size;
        return this;
    }

    public byte[] ToArray()
    {
        byte[] sectionNames = [.. "\0.text\0.data\0.symtab\0.strtab\0.shstrtab\0"u8];
        var symbols = _entries.SelectMany(entry => entry).ToArray();
        var names = _names.ToArray();
        var file = new MemoryStream();
        file.Write(new byte[64]);
        var text = Append(file, new byte[_text]);
        var data = Append(file, new byte[_data]);
        var symbolTable = Append(file, symbols);
        var stringTable = Append(file, names);
        var sectionNameTable = Append(file, sectionNames);
        var table = Append(file, []);
        Section(file, 0, 0, 0, 0, 0, 0, 0, 0);
        Section(file, 1, 1, 6, TextAddress, text, _text, 0, 0);
        Section(file, 7, 1, 3, DataAddress, data, _data, 0, 0);
        Section(file, 13, 2, 0, 0, symbolTable, symbols.Length, 4, 24);
        Section(file, 21, 3, 0, 0, stringTable, names.Length, 0, 0);
        Section(file, 29, 3, 0, 0, sectionNameTable, sectionNames.Length, 0, 0);
        var bytes = file.ToArray();
        Header(bytes, table);
        return bytes;
    }

    private void Symbol(string name, byte info, int size, ushort section, int offset)
    {
        var entry = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)_names.Count);
        entry[4] = info;
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(6), section);
        BinaryPrimitives.WriteUInt64LittleEndian(
            entry.AsSpan(8),
            (
                section == Text ? TextAddress
                : section == Data ? DataAddress
                : 0
            ) + (ulong)offset
        );
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(16), (ulong)size);
        _entries.Add(entry);
        _names.AddRange(Encoding.UTF8.GetBytes(name));
        _names.Add(0);
    }

    private static long Append(MemoryStream file, byte[] bytes)
    {
        while (file.Length % 16 != 0)
            file.WriteByte(0);
        var at = file.Length;
        file.Write(bytes);
        return at;
    }

    private static void Section(
        MemoryStream file,
        uint name,
        uint type,
        ulong flags,
        ulong address,
        long offset,
        long size,
        uint link,
        ulong entrySize
    )
    {
        var row = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(row, name);
        BinaryPrimitives.WriteUInt32LittleEndian(row.AsSpan(4), type);
        BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(8), flags);
        BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(16), address);
        BinaryPrimitives.WriteInt64LittleEndian(row.AsSpan(24), offset);
        BinaryPrimitives.WriteInt64LittleEndian(row.AsSpan(32), size);
        BinaryPrimitives.WriteUInt32LittleEndian(row.AsSpan(40), link);
        BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(56), entrySize);
        file.Write(row);
    }

    private static void Header(byte[] bytes, long sectionTable)
    {
        "\u007FELF\u0002\u0001\u0001"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(18), 0x3E);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), 1);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), sectionTable);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(52), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(58), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(60), 6);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(62), 5);
    }
}

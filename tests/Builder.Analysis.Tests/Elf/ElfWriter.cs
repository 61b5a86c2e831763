using System.Buffers.Binary;
using System.Text;

namespace Builder.Analysis.Tests.Elf;

/// <summary>Puts sections of a little-endian ELF file together.</summary>
internal sealed class ElfWriter(ushort type)
{
    private readonly List<(string Name, uint Type, ulong Flags, ulong Address, byte[] Bytes, uint Link)> sections = [];

    public ElfWriter Section(string name, uint type, ulong flags, ulong address, byte[] bytes, uint link = 0)
    {
        sections.Add((name, type, flags, address, bytes, link));
        return this;
    }

    public byte[] ToArray()
    {
        var names = new StringBuilder("\0");
        var offsets = new List<int>();
        foreach (var section in sections.Select(section => section.Name).Append(".shstrtab"))
        {
            offsets.Add(names.Length);
            names.Append(section).Append('\0');
        }
        var all = sections.Append((".shstrtab", 3u, 0ul, 0ul, Encoding.ASCII.GetBytes(names.ToString()), 0u)).ToList();
        var file = new MemoryStream();
        file.Write(new byte[64]);
        var places = new List<long>();
        foreach (var section in all)
        {
            places.Add(file.Position);
            file.Write(section.Item5);
        }
        var table = file.Position;
        var count = all.Count + 1;
        var isLarge = count >= 0xFF00;
        var row = new byte[64];
        // What does not fit into the header stands in the first section header.
        BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(32), isLarge ? (ulong)count : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(row.AsSpan(40), isLarge ? (uint)count - 1 : 0);
        file.Write(row);
        for (var i = 0; i < all.Count; i++)
        {
            row = new byte[64];
            BinaryPrimitives.WriteUInt32LittleEndian(row, (uint)offsets[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(row.AsSpan(4), all[i].Item2);
            BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(8), all[i].Item3);
            BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(16), all[i].Item4);
            BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(24), (ulong)places[i]);
            BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(32), (ulong)all[i].Item5.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(row.AsSpan(40), all[i].Item6);
            file.Write(row);
        }
        var bytes = file.ToArray();
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(16), type);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(18), 0x3E);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(40), (ulong)table);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(52), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(58), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(60), (ushort)(isLarge ? 0 : count));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(62), (ushort)(isLarge ? 0xFFFF : count - 1));
        return bytes;
    }
}

using System.Buffers.Binary;
using System.Text;

namespace Builder.Analysis.Tests.Elf;

/// <summary>A relocatable file with a section for each function, as <c>-ffunction-sections</c> makes it.</summary>
internal static class ManySections
{
    /// <param name="count">Functions of four bytes.</param>
    public static byte[] Of(int count)
    {
        var file = new ElfWriter(type: 1);
        var symbols = new byte[24 * (count + 1)];
        var indices = new byte[4 * (count + 1)];
        var names = new StringBuilder("\0");
        for (var number = 1; number <= count; number++)
        {
            file.Section(".text", 1, 6, 0, [0x90, 0x90, 0x90, 0xC3]);
            var symbol = symbols.AsSpan(24 * number);
            BinaryPrimitives.WriteUInt32LittleEndian(symbol, (uint)names.Length);
            symbol[4] = 0x12;
            BinaryPrimitives.WriteUInt16LittleEndian(symbol[6..], (ushort)(number < 0xFF00 ? number : 0xFFFF));
            BinaryPrimitives.WriteUInt64LittleEndian(symbol[16..], 4);
            BinaryPrimitives.WriteUInt32LittleEndian(indices.AsSpan(4 * number), (uint)(number < 0xFF00 ? 0 : number));
            names.Append('f').Append(number).Append('\0');
        }
        return file.Section(".symtab", 2, 0, 0, symbols, link: (uint)count + 3)
            .Section(".symtab_shndx", 18, 0, 0, indices, link: (uint)count + 1)
            .Section(".strtab", 3, 0, 0, Encoding.ASCII.GetBytes(names.ToString()))
            .ToArray();
    }
}

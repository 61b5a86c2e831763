using System.Buffers.Binary;
using System.Text;

namespace Builder.Analysis.Tests.Elf;

/// <summary>A stripped Go program: code, and the table that names its functions, in the layout of one of Go's versions.</summary>
internal static class GoImage
{
    private const ulong TextAddress = 0x401000;

    public static byte[] Of(uint version, bool isStartMissing, params (string Name, int Size)[] functions)
    {
        var text = new byte[functions.Sum(function => function.Size)];
        Array.Fill(text, (byte)0x90);
        return new ElfWriter(type: 2)
            .Section(".text", 1, 6, TextAddress, text)
            .Section(".gopclntab", 1, 2, 0x500000, Table(version, isStartMissing, functions))
            .Section(".go.buildinfo", 1, 3, 0x600000, new byte[32])
            .ToArray();
    }

    private static byte[] Table(uint version, bool isStartMissing, (string Name, int Size)[] functions)
    {
        var isRelative = version is 0xFFFFFFF0 or 0xFFFFFFF1;
        var number = isRelative ? 4 : 8;
        var names = new MemoryStream();
        names.WriteByte(0);
        var nameOffsets = functions
            .Select(function =>
            {
                var at = (int)names.Position;
                names.Write(Encoding.UTF8.GetBytes(function.Name + "\0"));
                return at;
            })
            .ToArray();
        var header =
            8
            + 8
                * (
                    version switch
                    {
                        0xFFFFFFFB => 1,
                        0xFFFFFFFA => 7,
                        _ => 8,
                    }
                );
        // The oldest layout has the pairs right behind its header, and names at the end.
        var pairs = (functions.Length * 2 + 1) * number;
        var (namesAt, pairsAt) =
            version == 0xFFFFFFFB ? (header + pairs + functions.Length * (number + 4), header) : (header, header + (int)names.Length);
        var table = new byte[header + pairs + functions.Length * (number + 4) + names.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(table, version);
        table[6] = 1;
        table[7] = 8;
        Word(0, functions.Length);
        if (isRelative)
        {
            Word(2, isStartMissing ? 0 : (long)TextAddress);
            Word(3, namesAt);
            Word(7, pairsAt);
        }
        else if (version == 0xFFFFFFFA)
        {
            Word(2, namesAt);
            Word(6, pairsAt);
        }
        names.ToArray().CopyTo(table, namesAt);
        var entry = isRelative ? 0 : (long)TextAddress;
        for (var i = 0; i < functions.Length; i++)
        {
            var description = pairsAt + pairs + i * (number + 4);
            Number(pairsAt + i * 2 * number, entry);
            Number(pairsAt + i * 2 * number + number, version == 0xFFFFFFFB ? description : description - pairsAt);
            Number(description, entry);
            BinaryPrimitives.WriteInt32LittleEndian(
                table.AsSpan(description + number),
                version == 0xFFFFFFFB ? namesAt + nameOffsets[i] : nameOffsets[i]
            );
            entry += functions[i].Size;
        }
        Number(pairsAt + functions.Length * 2 * number, entry);
        return table;

        void Word(int index, long value) => BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(8 + 8 * index), value);

        void Number(int at, long value)
        {
            if (number == 4)
                BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(at), (int)value);
            else
                BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(at), value);
        }
    }
}

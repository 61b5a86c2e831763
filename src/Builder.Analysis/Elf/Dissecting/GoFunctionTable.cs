using System.Buffers.Binary;

namespace Builder.Analysis.Elf;

/// <summary>
/// Functions of a Go program from the table that its runtime prints stack traces with: names and bounds stay in a stripped program.
/// Layouts of Go 1.2, 1.16, 1.18 and 1.20 and later (<c>src/debug/gosym/pclntab.go</c>, <c>src/internal/abi/symtab.go</c> of Go).
/// </summary>
internal static class GoFunctionTable
{
    private const uint Version12 = 0xFFFFFFFB;
    private const uint Version116 = 0xFFFFFFFA;
    private const uint Version118 = 0xFFFFFFF0;
    private const uint Version120 = 0xFFFFFFF1;
    private const int PointerSize = 8;
    private const int MaxFunctions = 4_000_000;
    private const int SymbolSize = ElfSymbols.EntrySize64;

    /// <summary>The functions as symbols; null where the file has no such table, one that does not fit together, or addresses of four bytes.</summary>
    public static ElfSymbols? Read(ElfFile file)
    {
        var section = file.Sections.FirstOrDefault(section => section.Name is ".gopclntab" or ".data.rel.ro.gopclntab");
        var text = file.Sections.FirstOrDefault(section => section is { IsLoaded: true, IsCode: true, HasBytes: true, Name: ".text" });
        if (
            file.Header.Is32Bit
            || section is not { HasBytes: true }
            || text is null
            || !file.IsInside(section.Offset, section.Size)
            || section.Size > ElfFile.LargestTable
        )
            return null;
        var table = new byte[section.Size];
        file.Source.Read((long)section.Offset, table);
        return new Table(table, file.Header.Fields, file.Header.IsBigEndian).Read(file, section, text);
    }

    private sealed class Table(byte[] bytes, FieldReader reader, bool isBigEndian)
    {
        public ElfSymbols? Read(ElfFile file, ElfSection section, ElfSection text)
        {
            const int Header = 8;
            if (
                bytes.Length < Header + PointerSize * 2
                || bytes[4] != 0
                || bytes[5] != 0
                || bytes[6] is not (1 or 2 or 4)
                || bytes[7] != PointerSize
            )
                return null;
            switch (reader.UInt32(bytes, 0))
            {
                case Version118 or Version120 when bytes.Length >= Header + PointerSize * 8:
                    var start = TextStart(file, section, text);
                    return start is null ? null : Symbols(text, Word(0), Word(7), Word(3), entrySize: 4, start.Value);
                case Version116 when bytes.Length >= Header + PointerSize * 7:
                    return Symbols(text, Word(0), Word(6), Word(2), entrySize: PointerSize, 0);
                case Version12:
                    return Symbols(text, Word(0), Header + PointerSize, 0, entrySize: PointerSize, 0, isOfWhole: true);
                default:
                    return null;
            }
        }

        private ulong Word(int index) => reader.UInt64(bytes, 8 + PointerSize * index);

        /// <summary>Where code begins: in the header, or in the relocation that the loader writes there, or nowhere (Go 1.26): at the section.</summary>
        private ulong? TextStart(ElfFile file, ElfSection section, ElfSection text)
        {
            var start = Word(2);
            if (Contains(text, start))
                return start;
            if (start != 0)
                return null;
            return Relocated(file, section.Address + 8 + PointerSize * 2) is { } relocated && Contains(text, relocated)
                ? relocated
                : text.Address;
        }

        private static bool Contains(ElfSection text, ulong address) => address >= text.Address && address - text.Address < text.Size;

        private ulong? Relocated(ElfFile file, ulong place)
        {
            const uint RelocationsWithAddends = 4;
            const int RelocationSize = 24;
            foreach (var section in file.Sections.Where(section => section is { Type: RelocationsWithAddends, IsLoaded: true }))
            {
                if (!file.IsInside(section.Offset, section.Size) || section.Size > ElfFile.LargestTable)
                    continue;
                var relocations = new byte[section.Size];
                file.Source.Read((long)section.Offset, relocations);
                for (var at = 0; at <= relocations.Length - RelocationSize; at += RelocationSize)
                {
                    if (reader.UInt64(relocations, at) == place)
                        return reader.UInt64(relocations, at + 16);
                }
            }
            return null;
        }

        /// <param name="functions">Where pairs of an entry point and the place of its description begin.</param>
        /// <param name="names">Where names begin.</param>
        /// <param name="entrySize">Of a number in the pairs.</param>
        /// <param name="start">What entry points are counted from.</param>
        /// <param name="isOfWhole">Places of descriptions are counted from the table's start, not from the pairs.</param>
        private ElfSymbols? Symbols(
            ElfSection text,
            ulong count,
            ulong functions,
            ulong names,
            int entrySize,
            ulong start,
            bool isOfWhole = false
        )
        {
            if (
                count is 0 or > MaxFunctions
                || functions > (ulong)bytes.Length
                || names > (ulong)bytes.Length
                || (count * 2 + 1) * (ulong)entrySize > (ulong)bytes.Length - functions
            )
                return null;
            var symbols = new byte[(int)count * SymbolSize];
            var written = 0;
            for (var index = 0; index < (int)count; index++)
            {
                var pair = (int)functions + index * 2 * entrySize;
                var entry = unchecked(start + Number(pair, entrySize));
                var end = unchecked(start + Number(pair + 2 * entrySize, entrySize));
                var description = (isOfWhole ? 0 : functions) + Number(pair + entrySize, entrySize);
                // A description begins with the entry point again; the name's place stands behind it.
                if (
                    !Contains(text, entry)
                    || end <= entry
                    || end - text.Address > text.Size
                    || description > (ulong)bytes.Length - (ulong)(entrySize + 4)
                )
                    continue;
                var name = names + reader.UInt32(bytes, (int)description + entrySize);
                if (name >= (ulong)bytes.Length)
                    continue;
                Write(symbols.AsSpan(written, SymbolSize), (uint)name, (ushort)Math.Min(text.Index, ushort.MaxValue), entry, end - entry);
                written += SymbolSize;
            }
            return written == 0 ? null : new ElfSymbols(symbols[..written], bytes, [], reader, isDynamic: false);
        }

        private ulong Number(int at, int size) => size == 4 ? reader.UInt32(bytes, at) : reader.UInt64(bytes, at);

        private void Write(Span<byte> symbol, uint name, ushort section, ulong value, ulong size)
        {
            if (isBigEndian)
            {
                BinaryPrimitives.WriteUInt32BigEndian(symbol, name);
                BinaryPrimitives.WriteUInt16BigEndian(symbol[6..], section);
                BinaryPrimitives.WriteUInt64BigEndian(symbol[8..], value);
                BinaryPrimitives.WriteUInt64BigEndian(symbol[16..], size);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(symbol, name);
                BinaryPrimitives.WriteUInt16LittleEndian(symbol[6..], section);
                BinaryPrimitives.WriteUInt64LittleEndian(symbol[8..], value);
                BinaryPrimitives.WriteUInt64LittleEndian(symbol[16..], size);
            }
            symbol[4] = ElfSymbol.Function;
        }
    }
}

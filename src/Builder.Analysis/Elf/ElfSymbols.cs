using System.Diagnostics.CodeAnalysis;

namespace Builder.Analysis.Elf;

/// <summary>A symbol table with its names, kept as the bytes of the file: a hundred thousand symbols cost no object each.</summary>
public sealed class ElfSymbols
{
    /// <summary>Bytes of an entry in a file of 64-bit addresses.</summary>
    internal const int EntrySize64 = 24;

    private const int EntrySize32 = 16;

    /// <summary>A name is read up to here: a hostile table may let a million symbols share one endless name.</summary>
    private const int MaxNameLength = 4096;

    private readonly byte[] _table;
    private readonly byte[] _names;

    /// <summary>Four bytes for each symbol: its section where the 16 bits of its entry say that it stands here; empty where none does.</summary>
    private readonly byte[] _sections;
    private readonly FieldReader _reader;

    internal ElfSymbols(byte[] table, byte[] names, byte[] sections, FieldReader reader, bool isDynamic)
    {
        _table = table;
        _names = names;
        _sections = sections;
        _reader = reader;
        IsDynamic = isDynamic;
    }

    public int Count => _table.Length / EntrySize;

    private int EntrySize => EntrySizeOf(_reader);

    /// <summary>They are those that the dynamic loader needs; the file has no others.</summary>
    public bool IsDynamic { get; }

    public ElfSymbol this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _table.AsSpan(index * EntrySize, EntrySize);
            var name = (int)Math.Min(_reader.UInt32(entry, 0), (uint)_names.Length);
            return entry.Length == EntrySize32
                ? new ElfSymbol(
                    name,
                    entry[12],
                    SectionOf(index, _reader.UInt16(entry, 14)),
                    _reader.UInt32(entry, 4),
                    _reader.UInt32(entry, 8)
                )
                : new ElfSymbol(
                    name,
                    entry[4],
                    SectionOf(index, _reader.UInt16(entry, 6)),
                    _reader.UInt64(entry, 8),
                    _reader.UInt64(entry, 16)
                );
        }
    }

    internal static int EntrySizeOf(FieldReader reader) => reader.AddressSize == 4 ? EntrySize32 : EntrySize64;

    /// <summary>The bytes of a name up to its NUL or the end of the table.</summary>
    public ReadOnlySpan<byte> NameOf(ElfSymbol symbol) => NameAt(symbol.NameOffset);

    internal ReadOnlySpan<byte> NameAt(int offset)
    {
        ReadOnlySpan<byte> rest = _names.AsSpan(offset, Math.Min(_names.Length - offset, MaxNameLength));
        var end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }

    internal static bool TryRead(ElfFile file, [NotNullWhen(true)] out ElfSymbols? symbols, [NotNullWhen(false)] out string? reason)
    {
        symbols = null;
        reason = null;
        var reader = file.Header.Fields;
        var section =
            file.Sections.FirstOrDefault(section => section.Type == ElfSection.SymbolTable)
            ?? file.Sections.FirstOrDefault(section => section.Type == ElfSection.DynamicSymbols);
        if (section is null)
        {
            symbols = new ElfSymbols([], [], [], reader, isDynamic: false);
            return true;
        }
        if (section.Link >= file.Sections.Length || file.Sections[(int)section.Link] is not { Type: ElfSection.StringTable } names)
        {
            reason = $"the symbol table says that its names are in section {section.Link}, which is no string table";
            return false;
        }
        if (!TryReadSection(file, section, out var table, out reason) || !TryReadSection(file, names, out var text, out reason))
            return false;
        byte[] indices = [];
        if (
            file.Sections.FirstOrDefault(other => other.Type == ElfSection.SymbolSectionIndices && other.Link == (uint)section.Index)
                is { } extended
            && !TryReadSection(file, extended, out indices, out reason)
        )
            return false;
        symbols = new ElfSymbols(table, text, indices, reader, section.Type == ElfSection.DynamicSymbols);
        return true;
    }

    private int SectionOf(int symbol, ushort index)
    {
        const ushort FirstReserved = 0xFF00;
        const ushort StandsInTheOtherTable = 0xFFFF;
        if (index < FirstReserved)
            return index;
        if (index != StandsInTheOtherTable || symbol >= _sections.Length / 4)
            return -1;
        return (int)Math.Min(_reader.UInt32(_sections, symbol * 4), int.MaxValue);
    }

    private static bool TryReadSection(ElfFile file, ElfSection section, out byte[] bytes, [NotNullWhen(false)] out string? reason)
    {
        reason = null;
        bytes = [];
        if (!file.IsInside(section.Offset, section.Size))
            reason = $"section {section.Index} at {section.Offset} with {section.Size} bytes does not fit into {file.Length} bytes";
        else if (section.Size > ElfFile.LargestTable)
            reason = $"section {section.Index} is larger than the {ElfFile.LargestTable} bytes that are read of one table";
        if (reason is not null)
            return false;
        bytes = GC.AllocateUninitializedArray<byte>((int)section.Size);
        file.Source.Read((long)section.Offset, bytes);
        return true;
    }
}

namespace Builder.Analysis.Elf;

/// <summary>Where the fields of the headers stand in a file of one class, in bytes (gABI, "ELF Header", "Section Header", "Program Header").</summary>
/// <param name="HeaderSize">Of the file header.</param>
/// <param name="SegmentTable">Place in the file header of the program header table's offset.</param>
/// <param name="SectionTable">Place in the file header of the section header table's offset.</param>
/// <param name="Counts">Place in the file header of the six numbers of two bytes: sizes of the headers and how many there are.</param>
internal sealed record ElfLayout(int HeaderSize, int SegmentTable, int SectionTable, int Counts, int SegmentSize, int SectionSize)
{
    public static ElfLayout Class32 { get; } = new(52, 28, 32, 40, 32, 40);

    public static ElfLayout Class64 { get; } = new(64, 32, 40, 52, 56, 64);

    public static ElfSegment Segment(FieldReader reader, byte[] table, int row) =>
        reader.AddressSize == 4
            // The flags stand behind the sizes.
            ? new ElfSegment(
                Type: reader.UInt32(table, row),
                Flags: reader.UInt32(table, row + 24),
                Offset: reader.UInt32(table, row + 4),
                Address: reader.UInt32(table, row + 8),
                SizeInFile: reader.UInt32(table, row + 16),
                SizeInMemory: reader.UInt32(table, row + 20)
            )
            : new ElfSegment(
                Type: reader.UInt32(table, row),
                Flags: reader.UInt32(table, row + 4),
                Offset: reader.UInt64(table, row + 8),
                Address: reader.UInt64(table, row + 16),
                SizeInFile: reader.UInt64(table, row + 32),
                SizeInMemory: reader.UInt64(table, row + 40)
            );

    public static ElfSection Section(FieldReader reader, byte[] table, int row, int index)
    {
        var word = reader.AddressSize;
        return new ElfSection(
            index,
            Name: "",
            Type: reader.UInt32(table, row + 4),
            Flags: reader.Address(table, row + 8),
            Address: reader.Address(table, row + 8 + word),
            Offset: reader.Address(table, row + 8 + 2 * word),
            Size: reader.Address(table, row + 8 + 3 * word),
            Link: reader.UInt32(table, row + 8 + 4 * word),
            Info: reader.UInt32(table, row + 12 + 4 * word)
        )
        {
            NameOffset = reader.UInt32(table, row),
        };
    }
}

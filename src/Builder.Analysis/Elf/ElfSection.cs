namespace Builder.Analysis.Elf;

/// <summary>One row of the section header table, as the file states it: offset and size may lie outside the file.</summary>
public sealed record ElfSection(
    int Index,
    string Name,
    uint Type,
    ulong Flags,
    ulong Address,
    ulong Offset,
    ulong Size,
    uint Link,
    uint Info
)
{
    internal uint NameOffset { get; init; }

    public const uint SymbolTable = 2;
    public const uint StringTable = 3;
    public const uint Note = 7;
    public const uint NoBits = 8;
    public const uint DynamicSymbols = 11;

    /// <summary>Section indices of symbols that do not fit into 16 bits (<c>SHT_SYMTAB_SHNDX</c>).</summary>
    public const uint SymbolSectionIndices = 18;

    /// <summary>It is part of the running program's memory.</summary>
    public bool IsLoaded => (Flags & 2) != 0;

    public bool IsWritable => (Flags & 1) != 0;

    public bool IsCode => (Flags & 4) != 0;

    /// <summary>It occupies bytes in the file; .bss does not, nor do the sections that a separate debug file left behind.</summary>
    public bool HasBytes => Type is not (NoBits or 0);
}

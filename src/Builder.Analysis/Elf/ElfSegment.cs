namespace Builder.Analysis.Elf;

/// <summary>One row of the program header table.</summary>
public sealed record ElfSegment(uint Type, uint Flags, ulong Offset, ulong Address, ulong SizeInFile, ulong SizeInMemory)
{
    public const uint Load = 1;
    public const uint Interpreter = 3;
    public const uint Note = 4;
}

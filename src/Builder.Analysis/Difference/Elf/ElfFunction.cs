namespace Builder.Analysis.Difference.Elf;

/// <summary>A range of code. Ranges of one file do not overlap.</summary>
/// <param name="Name">As in the symbol table; null where only the range is known.</param>
/// <param name="Module">The source file or unit that the symbol table names around it; empty where it names none.</param>
/// <param name="Start">In memory.</param>
/// <param name="Size">In bytes.</param>
internal sealed record ElfFunction(int Index, string? Name, string Module, ulong Start, int Size, int Section)
{
    public ulong End => Start + (uint)Size;
}

namespace Builder.Analysis.Elf;

/// <summary>What an ELF file is for (<c>e_type</c>).</summary>
public enum ElfType
{
    None = 0,
    Relocatable = 1,
    Executable = 2,
    SharedObject = 3,
    Core = 4,
}

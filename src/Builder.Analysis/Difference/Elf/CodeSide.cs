namespace Builder.Analysis.Difference.Elf;

/// <summary>One side of a comparison of code.</summary>
internal sealed class CodeSide
{
    public CodeSide(ElfSide elf)
    {
        Elf = elf;
        Functions = FunctionFinder.Find(elf);
        Places = new AddressMap(elf, Functions);
        Literals = new Literals(elf);
        Reader = CodeReader.Of(elf);
        Hashes = new CodeHash(CodeReader.Of(elf), Functions);
    }

    public ElfSide Elf { get; }

    public ElfFunction[] Functions { get; }

    public AddressMap Places { get; }

    public Literals Literals { get; }

    public CodeReader Reader { get; }

    public CodeHash Hashes { get; }
}

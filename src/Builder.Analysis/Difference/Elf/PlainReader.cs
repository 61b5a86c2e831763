namespace Builder.Analysis.Difference.Elf;

/// <summary>Machines whose instructions are not known: every byte counts.</summary>
internal sealed class PlainReader(ElfSide side) : WordReader(side)
{
    protected override void Word(ref CodeItem item, uint word) => item.First = word;

    protected override void Mask(ref CodeItem item, CodeRelocation relocation) => item.First = 0;
}

namespace Builder.Analysis.Elf;

/// <param name="NameOffset">Where its name stands in <see cref="ElfSymbols"/>.</param>
/// <param name="Section">Index of the section it belongs to; 0 undefined, −1 special (absolute, common).</param>
public readonly record struct ElfSymbol(int NameOffset, byte Info, int Section, ulong Value, ulong Size)
{
    public const int NoType = 0;
    public const int Object = 1;
    public const int Function = 2;
    public const int File = 4;
    public const int IndirectFunction = 10;

    public int Type => Info & 0xF;

    public bool IsLocal => Info >> 4 == 0;
}

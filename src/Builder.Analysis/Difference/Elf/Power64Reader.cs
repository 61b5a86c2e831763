namespace Builder.Analysis.Difference.Elf;

/// <summary>
/// Instructions of 64-bit Power as far as they hold addresses (Power ISA, I.2.4 "Branch Instructions"); offsets into the table of contents (r2)
/// are masked, for they move with what is in it.
/// </summary>
internal sealed class Power64Reader(ElfSide side) : WordReader(side)
{
    private const uint Nop = 0x60000000;
    private const uint TableOfContents = 2;

    private uint parts;

    protected override void Started() => parts = 0;

    protected override void Word(ref CodeItem item, uint word)
    {
        item.First = word;
        item.IsPadding = word == Nop;
        var operation = word >> 26;
        var register = (int)(word >> 21 & 31);
        var source = word >> 16 & 31;
        if (operation == 18 && (word & 2) == 0)
        {
            item.First = word & 0xFC000003;
            Take(ref item, ReferenceKind.Code, Address + SignExtend(word & 0x3FFFFFC, 26));
        }
        else if (operation == 16 && (word & 2) == 0)
        {
            item.First = word & 0xFFFF0003;
            Take(ref item, ReferenceKind.Code, Address + SignExtend(word & 0xFFFC, 16));
        }
        else if (operation == 15 && source is TableOfContents or 12)
        {
            item.First = word & 0xFFFF0000;
            item.Reference = ReferenceKind.Masked;
            parts |= 1u << register;
        }
        else if (operation is 14 or (>= 32 and <= 58) or 62 && (source == TableOfContents || (parts >> (int)source & 1) != 0))
        {
            item.First = word & 0xFFFF0000;
            item.Reference = ReferenceKind.Masked;
            parts &= ~(1u << register);
        }
    }

    protected override void Mask(ref CodeItem item, CodeRelocation relocation)
    {
        if (item.Reference == ReferenceKind.None)
            item.First &= 0xFFFF0000;
    }
}

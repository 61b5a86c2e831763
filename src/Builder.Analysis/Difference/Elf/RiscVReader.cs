namespace Builder.Analysis.Difference.Elf;

/// <summary>
/// Instructions of RISC-V as far as they hold addresses (The RISC-V Instruction Set Manual, volume I, chapters 2 and 26):
/// jumps, branches, <c>auipc</c> and what completes it.
/// </summary>
internal sealed class RiscVReader(ElfSide side) : WordReader(side)
{
    private readonly ulong[] pages = new ulong[32];
    private uint known;

    protected override void Started() => known = 0;

    protected override void Read(ref CodeItem item)
    {
        if (End - At >= 2 && (Bytes[At] & 3) != 3)
        {
            item.Length = 2;
            Short(ref item, Fields.UInt16(Bytes, At));
            return;
        }
        base.Read(ref item);
    }

    protected override void Word(ref CodeItem item, uint word)
    {
        item.First = word;
        item.IsPadding = word == 0x13;
        var register = (int)(word >> 7 & 31);
        var source = (int)(word >> 15 & 31);
        switch (word & 0x7F)
        {
            case 0x6F:
                item.First = word & 0xFFF;
                Take(
                    ref item,
                    ReferenceKind.Code,
                    Address
                        + SignExtend(
                            (word >> 31 & 1) << 20 | (word >> 12 & 0xFF) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3FF) << 1,
                            21
                        )
                );
                break;
            case 0x63:
                item.First = word & 0x01FFF07F;
                Take(
                    ref item,
                    ReferenceKind.Code,
                    Address
                        + SignExtend((word >> 31 & 1) << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 0x3F) << 5 | (word >> 8 & 0xF) << 1, 13)
                );
                break;
            case 0x17:
                item.First = word & 0xFFF;
                pages[register] = Address + SignExtend(word & 0xFFFFF000, 32);
                known |= 1u << register;
                Take(ref item, ReferenceKind.Masked, pages[register]);
                break;
            case 0x13 or 0x03 or 0x07 or 0x67 when (known >> source & 1) != 0 && ((word & 0x7F) != 0x13 || (word >> 12 & 7) == 0):
                item.First = word & 0x000FFFFF;
                Take(
                    ref item,
                    (word & 0x7F) switch
                    {
                        0x67 => ReferenceKind.Code,
                        0x13 => ReferenceKind.Address,
                        _ => ReferenceKind.Access,
                    },
                    pages[source] + SignExtend(word >> 20, 12)
                );
                break;
            case 0x23 or 0x27 when (known >> source & 1) != 0:
                item.First = word & 0x01FFF07F;
                Take(ref item, ReferenceKind.Access, pages[source] + SignExtend((word >> 25) << 5 | word >> 7 & 31, 12));
                break;
        }
        if ((word & 0x7F) is not (0x17 or 0x23 or 0x27 or 0x63))
            known &= ~(1u << register);
    }

    protected override void Mask(ref CodeItem item, CodeRelocation relocation)
    {
        if (item.Reference == ReferenceKind.None)
            item.First &= item.Length == 2 ? 0xE003UL : 0x000FF07FUL;
    }

    private void Short(ref CodeItem item, ushort word)
    {
        item.First = word;
        item.IsPadding = word == 1;
        if ((word & 3) == 1 && word >> 13 is 5 or 6 or 7)
        {
            item.First = (word >> 13 == 5 ? word & 0xE003u : word & 0xE383u) | 1UL << 32;
            Take(ref item, ReferenceKind.Code, Address + (word >> 13 == 5 ? Jump(word) : Branch(word)));
        }
        else if (word >> 13 != 0 || (word & 3) != 0)
        {
            known &= ~(1u << (word >> 7 & 31));
        }
    }

    private static ulong Jump(uint word) =>
        SignExtend(
            (word >> 12 & 1) << 11
                | (word >> 11 & 1) << 4
                | (word >> 9 & 3) << 8
                | (word >> 8 & 1) << 10
                | (word >> 7 & 1) << 6
                | (word >> 6 & 1) << 7
                | (word >> 3 & 7) << 1
                | (word >> 2 & 1) << 5,
            12
        );

    private static ulong Branch(uint word) =>
        SignExtend((word >> 12 & 1) << 8 | (word >> 10 & 3) << 3 | (word >> 5 & 3) << 6 | (word >> 3 & 3) << 1 | (word >> 2 & 1) << 5, 9);
}

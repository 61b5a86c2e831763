using System.Buffers.Binary;

namespace Builder.Analysis.Difference.Elf;

/// <summary>
/// Instructions of AArch64 as far as they hold addresses (Arm Architecture Reference Manual, C4 "A64 Instruction Set Encoding"):
/// branches, pages of addresses (<c>adrp</c>), and the additions and loads that complete them.
/// </summary>
internal sealed class Arm64Reader(ElfSide side) : WordReader(side)
{
    private const uint Nop = 0xD503201F;

    private readonly ulong[] pages = new ulong[32];
    private uint known;

    /// <summary>Where an entry of the procedure linkage table takes its target from: <c>adrp x16</c>, <c>ldr x17, [x16, …]</c>.</summary>
    public static ulong? SlotOf(ReadOnlySpan<byte> entry, ulong address)
    {
        for (var at = 0; at <= Math.Min(entry.Length, 16) - 8; at += 4)
        {
            var page = BinaryPrimitives.ReadUInt32LittleEndian(entry[at..]);
            var load = BinaryPrimitives.ReadUInt32LittleEndian(entry[(at + 4)..]);
            if ((page & 0x9F00001F) != 0x90000010 || (load & 0xFFC003FF) != 0xF9400211)
                continue;
            var distance = SignExtend((page >> 5 & 0x7FFFF) << 2 | page >> 29 & 3, 21) << 12;
            return (address + (uint)at & ~0xFFFUL) + distance + ((load >> 10 & 0xFFF) << 3);
        }
        return null;
    }

    protected override void Started() => known = 0;

    protected override void Word(ref CodeItem item, uint word)
    {
        item.First = word;
        item.IsPadding = word == Nop;
        var register = (int)(word & 31);
        if ((word & 0x7C000000) == 0x14000000)
        {
            Branch(ref item, word, 0xFC000000, SignExtend(word & 0x3FFFFFF, 26) * 4);
            if (word >> 31 == 1)
                known = 0;
        }
        else if ((word & 0xFE000000) == 0x54000000 || (word & 0x7E000000) == 0x34000000)
        {
            Branch(ref item, word, ~0x00FFFFE0u, SignExtend(word >> 5 & 0x7FFFF, 19) * 4);
        }
        else if ((word & 0x7E000000) == 0x36000000)
        {
            Branch(ref item, word, ~0x0007FFE0u, SignExtend(word >> 5 & 0x3FFF, 14) * 4);
        }
        else if ((word & 0x1F000000) == 0x10000000)
        {
            Page(ref item, word, register);
        }
        else if ((word & 0x3B000000) == 0x18000000)
        {
            item.First = word & ~0x00FFFFE0u;
            Take(
                ref item,
                ReferenceKind.Access,
                Address + SignExtend(word >> 5 & 0x7FFFF, 19) * 4,
                (word >> 30) switch
                {
                    0 => 4,
                    1 => 8,
                    _ => 0,
                }
            );
        }
        else
        {
            Completion(ref item, word, register);
        }
    }

    protected override void Mask(ref CodeItem item, CodeRelocation relocation)
    {
        if (item.Reference == ReferenceKind.None)
            item.First &= ~0x003FFC00u;
    }

    private void Branch(ref CodeItem item, uint word, uint mask, ulong distance)
    {
        item.First = word & mask;
        Take(ref item, ReferenceKind.Code, Address + distance);
    }

    private void Page(ref CodeItem item, uint word, int register)
    {
        var distance = SignExtend((word >> 5 & 0x7FFFF) << 2 | word >> 29 & 3, 21);
        item.First = word & ~0x60FFFFE0u;
        if (word >> 31 == 0)
        {
            known &= ~(1u << register);
            Take(ref item, ReferenceKind.Address, Address + distance);
            return;
        }
        pages[register] = (Address & ~0xFFFUL) + (distance << 12);
        known |= 1u << register;
        Take(ref item, ReferenceKind.Masked, pages[register]);
    }

    // add x0, x0, #low or ldr x0, [x0, #low] behind adrp x0.
    private void Completion(ref CodeItem item, uint word, int register)
    {
        var source = (int)(word >> 5 & 31);
        var isAdd = (word & 0xFFC00000) == 0x91000000;
        var isAccess = (word & 0x3B000000) == 0x39000000;
        if ((isAdd || isAccess) && (known >> source & 1) != 0)
        {
            var size = isAdd ? 0 : (int)(word >> 30) | ((word & 0x04800000) == 0x04800000 ? 4 : 0);
            item.First = word & ~0x003FFC00u;
            Take(
                ref item,
                isAdd ? ReferenceKind.Address : ReferenceKind.Access,
                pages[source] + ((word >> 10 & 0xFFF) << size),
                isAdd ? 0 : 1 << size
            );
        }
        var isStore = isAccess && (word & 0x00C00000) == 0;
        if (
            !isStore
            && (isAdd || isAccess || source == register || (word & 0x1F000000) is 0x0A000000 or 0x0B000000 or 0x12000000 or 0x11000000)
        )
            known &= ~(1u << register);
    }
}

using System.Buffers.Binary;
using Iced.Intel;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Instructions of x86-64 and of x86 with 32 bits.</summary>
internal sealed class X86Reader(ElfSide side) : CodeReader(side)
{
    private const int MaxLength = 16;

    /// <summary>Takes the place of the length.</summary>
    private const ulong Branch = 0xFFUL << 56;

    private readonly int bitness = side.File.Header.Machine == 0x03 ? 32 : 64;
    private byte[]? decoded;
    private ByteArrayCodeReader? bytes;
    private Decoder? decoder;

    /// <summary>Where an indirect jump near <paramref name="address"/> takes its target from: an entry of the procedure linkage table.</summary>
    public static ulong? SlotOf(ReadOnlySpan<byte> entry, ulong address)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(entry[..Math.Min(entry.Length, 32)].ToArray()), address);
        for (var i = 0; i < 3; i++)
        {
            decoder.Decode(out var instruction);
            if (instruction.FlowControl == FlowControl.IndirectBranch && instruction.IsIPRelativeMemoryOperand)
                return instruction.IPRelativeMemoryAddress;
        }
        return null;
    }

    /// <summary>The same for 32 bits: the slot's address stands there as it is, or counted from the global offset table.</summary>
    public static ulong? SlotOf32(ReadOnlySpan<byte> entry, ulong address, ulong table)
    {
        var decoder = Decoder.Create(32, new ByteArrayCodeReader(entry[..Math.Min(entry.Length, 32)].ToArray()), address);
        for (var i = 0; i < 3; i++)
        {
            decoder.Decode(out var instruction);
            if (instruction.FlowControl != FlowControl.IndirectBranch || instruction.Op0Kind != OpKind.Memory)
                continue;
            return instruction.MemoryBase == Register.None
                ? instruction.MemoryDisplacement32
                : (uint)(table + instruction.MemoryDisplacement32);
        }
        return null;
    }

    public override string Text(ElfFunction function, int offset, in CodeItem item, Func<ulong, string?> nameOf)
    {
        var code = Side.Bytes(function.Section)[(int)(function.Start - Side.AddressOf(function.Section))..];
        var reader = Decoder.Create(
            bitness,
            new ByteArrayCodeReader(code.Slice(offset, Math.Min(item.Length, code.Length - offset)).ToArray()),
            function.Start + (uint)offset
        );
        reader.Decode(out var instruction);
        var formatter = new IntelFormatter(new Names(nameOf, item, Side.IsRelocatable ? function.Start : ulong.MaxValue));
        formatter.Options.SpaceAfterOperandSeparator = true;
        formatter.Options.HexPrefix = "0x";
        formatter.Options.HexSuffix = "";
        formatter.Options.UppercaseHex = false;
        formatter.Options.RipRelativeAddresses = false;
        formatter.Options.ShowBranchSize = false;
        formatter.Options.MemorySizeOptions = MemorySizeOptions.Minimal;
        var output = new StringOutput();
        formatter.Format(instruction, output);
        return output.ToStringAndReset();
    }

    protected override void Started()
    {
        if (decoder is null || !ReferenceEquals(decoded, Bytes))
        {
            decoded = Bytes;
            bytes = new ByteArrayCodeReader(Bytes);
            decoder = Decoder.Create(bitness, bytes);
        }
        bytes!.Position = At;
        decoder.IP = Address;
    }

    protected override void Read(ref CodeItem item)
    {
        decoder!.Decode(out var instruction);
        item.Length = instruction.Length;
        if (instruction.Code == Iced.Intel.Code.INVALID || At + item.Length > End)
        {
            // Data in code, or an instruction that reaches into the next function.
            item.Length = Math.Min(Math.Max(1, item.Length), End - At);
            Load(ref item);
            Resume(At + item.Length);
            return;
        }
        var flow = instruction.FlowControl;
        if (
            flow is FlowControl.UnconditionalBranch or FlowControl.ConditionalBranch or FlowControl.Call or FlowControl.XbeginXabortXend
            && instruction.Op0Kind is OpKind.NearBranch64 or OpKind.NearBranch32 or OpKind.NearBranch16
        )
        {
            // Short and long forms are the same instruction: which it is depends on the distance.
            (item.First, item.Second) = ((ulong)instruction.Mnemonic, Branch);
            Take(ref item, ReferenceKind.Code, instruction.NearBranchTarget);
            return;
        }
        item.IsPadding = instruction.Mnemonic is Mnemonic.Nop || instruction.Code is Iced.Intel.Code.Int3;
        Load(ref item);
        if (instruction.IsIPRelativeMemoryOperand)
        {
            var offsets = decoder.GetConstantOffsets(instruction);
            Clear(ref item, offsets.DisplacementOffset, offsets.DisplacementSize);
            if (instruction.Mnemonic == Mnemonic.Lea)
                Take(ref item, ReferenceKind.Address, instruction.IPRelativeMemoryAddress);
            else
                Take(
                    ref item,
                    flow is FlowControl.IndirectCall or FlowControl.IndirectBranch ? ReferenceKind.Code : ReferenceKind.Access,
                    instruction.IPRelativeMemoryAddress,
                    instruction.MemorySize.GetSize()
                );
        }
        if (Side.HasAbsoluteAddresses)
            TakeNumbers(ref item, instruction);
        else if (bitness == 32 && Side.GlobalOffsetTable != 0)
            TakeOffsets(ref item, instruction);
    }

    protected override void Mask(ref CodeItem item, CodeRelocation relocation)
    {
        if (item.Second != Branch)
            Clear(ref item, (int)(relocation.Offset - At), 4);
    }

    private void TakeNumbers(ref CodeItem item, in Instruction instruction)
    {
        var offsets = decoder!.GetConstantOffsets(instruction);
        if (
            offsets.DisplacementSize == 4
            && !instruction.IsIPRelativeMemoryOperand
            && instruction.MemoryBase is not (Register.RSP or Register.RBP)
            && Side.SectionAt(instruction.MemoryDisplacement64) >= 0
        )
        {
            Clear(ref item, offsets.DisplacementOffset, offsets.DisplacementSize);
            var isPlain = instruction.MemoryBase == Register.None && instruction.MemoryIndex == Register.None;
            Take(ref item, ReferenceKind.Access, instruction.MemoryDisplacement64, isPlain ? instruction.MemorySize.GetSize() : 0);
        }
        if (offsets.ImmediateSize < 4)
            return;
        var last = instruction.OpCount - 1;
        var number = instruction.GetImmediate(last);
        if (Side.SectionAt(number) < 0)
            return;
        Clear(ref item, offsets.ImmediateOffset, offsets.ImmediateSize);
        item.HasNumber = true;
        item.Number = number;
    }

    // Code of 32 bits that may be anywhere: a register holds the table's address, and everything is counted from there.
    private void TakeOffsets(ref CodeItem item, in Instruction instruction)
    {
        var offsets = decoder!.GetConstantOffsets(instruction);
        if (offsets.DisplacementSize == 4 && instruction.MemoryBase is not (Register.None or Register.ESP))
        {
            var target = (uint)(Side.GlobalOffsetTable + instruction.MemoryDisplacement32);
            if (Side.SectionAt(target) < 0)
                return;
            Clear(ref item, offsets.DisplacementOffset, offsets.DisplacementSize);
            if (instruction.Mnemonic == Mnemonic.Lea)
                Take(ref item, ReferenceKind.Address, target);
            else
                Take(
                    ref item,
                    ReferenceKind.Access,
                    target,
                    instruction.MemoryIndex == Register.None ? instruction.MemorySize.GetSize() : 0
                );
        }
        else if (
            instruction.Mnemonic == Mnemonic.Add
            && offsets.ImmediateSize == 4
            && (uint)(Address + instruction.GetImmediate(instruction.OpCount - 1)) == Side.GlobalOffsetTable
        )
        {
            Clear(ref item, offsets.ImmediateOffset, offsets.ImmediateSize);
            Take(ref item, ReferenceKind.Address, Side.GlobalOffsetTable);
        }
    }

    private void Load(ref CodeItem item)
    {
        Span<byte> copy = stackalloc byte[MaxLength];
        copy.Clear();
        Bytes.AsSpan(At, Math.Min(item.Length, MaxLength)).CopyTo(copy);
        item.First = BinaryPrimitives.ReadUInt64LittleEndian(copy);
        // No instruction has a sixteenth byte: the length takes its place.
        item.Second = BinaryPrimitives.ReadUInt64LittleEndian(copy[8..]) | (ulong)item.Length << 56;
    }

    private static void Clear(ref CodeItem item, int offset, int count)
    {
        for (var i = Math.Max(0, offset); i < Math.Min(offset + count, MaxLength - 1); i++)
        {
            if (i < 8)
                item.First &= ~(0xFFUL << i * 8);
            else
                item.Second &= ~(0xFFUL << (i - 8) * 8);
        }
    }

    private void Resume(int at)
    {
        bytes!.Position = Math.Min(at, Bytes.Length);
        decoder!.IP = Address + (uint)(at - At);
    }

    /// <param name="relocated">Where relocations fill the addresses in, they are 0 or at least this.</param>
    private sealed class Names(Func<ulong, string?> nameOf, CodeItem item, ulong relocated) : ISymbolResolver
    {
        public bool TryGetSymbol(
            in Instruction instruction,
            int operand,
            int instructionOperand,
            ulong address,
            int addressSize,
            out SymbolResult symbol
        )
        {
            var isTarget = address == item.Target || relocated != ulong.MaxValue && (address == 0 || address >= relocated);
            var isNamed = item.Reference != ReferenceKind.None && isTarget || item.HasNumber && address == item.Number;
            var name = isNamed ? nameOf(address) : null;
            symbol = name is null ? default : new SymbolResult(address, name);
            return name is not null;
        }
    }
}

namespace Builder.Analysis.Elf;

/// <summary>The fields of the file header that say what the file is.</summary>
/// <param name="Is32Bit">Of class 1: addresses and offsets have four bytes.</param>
public sealed record ElfHeader(bool IsBigEndian, bool Is32Bit, ElfType Type, ushort Machine, ulong Entry)
{
    internal FieldReader Fields => new(IsBigEndian, Is32Bit);

    /// <summary>The usual name of the processor; its number where we know none.</summary>
    public string MachineName =>
        Machine switch
        {
            0x02 or 0x2B => "sparc",
            0x03 => "x86",
            0x08 => "mips",
            0x14 => "ppc",
            0x15 => "ppc64",
            0x16 => "s390x",
            0x28 => "arm",
            0x3E => "x86-64",
            0xB7 => "aarch64",
            0xF3 => "riscv",
            0x102 => "loongarch",
            _ => $"machine {Machine}",
        };
}

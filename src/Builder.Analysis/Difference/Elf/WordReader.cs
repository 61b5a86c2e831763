using System.Globalization;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference.Elf;

/// <summary>Machines whose instructions are words of four bytes.</summary>
internal abstract class WordReader(ElfSide side) : CodeReader(side)
{
    protected FieldReader Fields { get; } = new(side.File.Header.IsBigEndian);

    public override string Text(ElfFunction function, int offset, in CodeItem item, Func<ulong, string?> nameOf)
    {
        var code = Side.Bytes(function.Section)[(int)(function.Start - Side.AddressOf(function.Section))..];
        var bytes = Convert.ToHexStringLower(code.Slice(offset, Math.Min(item.Length, code.Length - offset)));
        var name = item.Reference is ReferenceKind.None or ReferenceKind.Masked ? null : nameOf(item.Target);
        return name is null ? bytes : $"{bytes} {name}";
    }

    protected override void Read(ref CodeItem item)
    {
        if (End - At < 4)
        {
            item.Length = 1;
            item.First = Bytes[At];
            return;
        }
        item.Length = 4;
        Word(ref item, Fields.UInt32(Bytes, At));
    }

    protected abstract void Word(ref CodeItem item, uint word);

    protected static ulong SignExtend(ulong value, int bits) => (ulong)((long)(value << (64 - bits)) >> (64 - bits));

    protected override void Mask(ref CodeItem item, CodeRelocation relocation) { }

    protected static string Hex(ulong value) => value.ToString("x", CultureInfo.InvariantCulture);
}

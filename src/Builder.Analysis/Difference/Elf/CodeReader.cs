namespace Builder.Analysis.Difference.Elf;

/// <summary>Reads the instructions of one side, one after the other.</summary>
internal abstract class CodeReader(ElfSide side)
{
    private readonly Dictionary<int, CodeRelocation[]> relocations = [];
    private CodeRelocation[] current = [];
    private int nextRelocation;

    protected ElfSide Side { get; } = side;

    protected byte[] Bytes { get; private set; } = [];

    /// <summary>Where the next instruction is in <see cref="Bytes"/>.</summary>
    protected int At { get; private set; }

    protected int End { get; private set; }

    protected ulong Address { get; private set; }

    public static CodeReader Of(ElfSide side) =>
        side.File.Header.Machine switch
        {
            0x3E or 0x03 => new X86Reader(side),
            0xB7 when !side.File.Header.IsBigEndian => new Arm64Reader(side),
            0xF3 when side.File.Header is { IsBigEndian: false, Is32Bit: false } => new RiscVReader(side),
            0x15 => new Power64Reader(side),
            _ => new PlainReader(side),
        };

    /// <summary>Goes to the start of a function. False where its bytes are not there.</summary>
    public bool TryStart(ElfFunction function)
    {
        var offset = function.Start - Side.AddressOf(function.Section);
        var bytes = Side.Bytes(function.Section);
        if (offset > (ulong)bytes.Length || (ulong)function.Size > (ulong)bytes.Length - offset)
            return false;
        Bytes = Side.Loaded(function.Section);
        At = (int)offset;
        End = At + function.Size;
        Address = function.Start;
        StartRelocations(function.Section);
        Started();
        return true;
    }

    public bool Next(out CodeItem item)
    {
        item = default;
        item.Import = -1;
        if (At >= End)
            return false;
        Read(ref item);
        item.Length = Math.Clamp(item.Length, 1, End - At);
        while (nextRelocation < current.Length && current[nextRelocation].Offset < At + item.Length)
        {
            if (current[nextRelocation].Offset >= At)
                Relocate(ref item, current[nextRelocation]);
            nextRelocation++;
        }
        At += item.Length;
        Address += (uint)item.Length;
        return true;
    }

    /// <summary>How a person reads the instruction; <paramref name="nameOf"/> gives the names of addresses.</summary>
    public abstract string Text(ElfFunction function, int offset, in CodeItem item, Func<ulong, string?> nameOf);

    protected virtual void Started() { }

    /// <summary>Reads the instruction at <see cref="At"/> and sets its length.</summary>
    protected abstract void Read(ref CodeItem item);

    /// <summary>Removes the bytes that a relocation fills from the instruction.</summary>
    protected virtual void Mask(ref CodeItem item, CodeRelocation relocation) { }

    protected static void Take(ref CodeItem item, ReferenceKind kind, ulong target, int accessSize = 0)
    {
        item.Reference = kind;
        item.Target = target;
        item.AccessSize = accessSize;
    }

    private void Relocate(ref CodeItem item, CodeRelocation relocation)
    {
        Mask(ref item, relocation);
        if (item.Reference is ReferenceKind.None or ReferenceKind.Masked)
            item.Reference = ReferenceKind.Address;
        var addend = (ulong)relocation.Addend;
        // Relative to the end of the instruction, as its address is when it runs.
        if (relocation.IsRelative)
            addend += (ulong)(At + item.Length - relocation.Offset);
        item.Import = relocation.Import;
        item.Target = (relocation.Import >= 0 ? 0 : relocation.Base) + addend;
    }

    private void StartRelocations(int section)
    {
        nextRelocation = 0;
        if (!Side.IsRelocatable)
            return;
        if (!relocations.TryGetValue(section, out current!))
            relocations.Add(section, current = CodeRelocation.Read(Side, section));
        var found = Array.BinarySearch(current, new CodeRelocation(At, 0, 0, -1, false), CodeRelocation.ByOffset);
        nextRelocation = found >= 0 ? found : ~found;
        while (nextRelocation > 0 && current[nextRelocation - 1].Offset >= At)
            nextRelocation--;
    }
}

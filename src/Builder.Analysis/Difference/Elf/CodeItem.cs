namespace Builder.Analysis.Difference.Elf;

/// <summary>One instruction: its bytes without addresses, and the addresses.</summary>
internal struct CodeItem
{
    /// <summary>The instruction without what depends on where things are. Equal for equal instructions.</summary>
    public ulong First;

    public ulong Second;

    /// <summary>In bytes.</summary>
    public int Length;

    /// <summary>It does nothing and only fills up.</summary>
    public bool IsPadding;

    public ReferenceKind Reference;

    public ulong Target;

    /// <summary>How many bytes at the target are read; 0 where that is not known.</summary>
    public int AccessSize;

    /// <summary>A second address, as a plain number: code that is not position-independent has such.</summary>
    public bool HasNumber;

    public ulong Number;

    /// <summary>The symbol that a relocation names, where it is defined in another file; otherwise −1.</summary>
    public int Import;
}

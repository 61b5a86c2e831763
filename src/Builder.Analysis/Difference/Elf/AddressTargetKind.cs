namespace Builder.Analysis.Difference.Elf;

internal enum AddressTargetKind : byte
{
    /// <summary>No section is there.</summary>
    Nowhere,

    Function,

    /// <summary>A symbol of another file, or what the dynamic loader puts there.</summary>
    Import,

    /// <summary>A symbol of data.</summary>
    Data,

    /// <summary>A place in a section that no symbol covers.</summary>
    Section,
}

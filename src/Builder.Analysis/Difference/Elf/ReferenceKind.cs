namespace Builder.Analysis.Difference.Elf;

/// <summary>What an instruction does with the address that it holds.</summary>
internal enum ReferenceKind : byte
{
    None,

    /// <summary>Jumps or calls.</summary>
    Code,

    /// <summary>Reads or writes there.</summary>
    Access,

    /// <summary>Takes the address.</summary>
    Address,

    /// <summary>Only a part of the address is known.</summary>
    Masked,
}

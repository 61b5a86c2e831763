namespace Builder.Analysis.Difference.Elf;

/// <summary>What is at an address.</summary>
/// <param name="Index">Of the function, of the symbol of data, or of the section.</param>
/// <param name="Offset">In it, in bytes.</param>
/// <param name="Name">Of an import.</param>
internal readonly record struct AddressTarget(AddressTargetKind Kind, int Index, long Offset, string? Name);

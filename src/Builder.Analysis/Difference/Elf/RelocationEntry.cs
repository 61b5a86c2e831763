namespace Builder.Analysis.Difference.Elf;

/// <param name="Place">What is filled in: an address, or an offset into the section where the file is not linked yet.</param>
/// <param name="Symbol">Index into the symbol table.</param>
/// <param name="Addend">Null where it stands at the place itself.</param>
internal readonly record struct RelocationEntry(ulong Place, int Symbol, uint Type, long? Addend);

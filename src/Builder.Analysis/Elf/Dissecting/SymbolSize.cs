namespace Builder.Analysis.Elf;

/// <summary>A function or object, or several that share a name in the source.</summary>
public readonly record struct SymbolSize(string Name, long Size);

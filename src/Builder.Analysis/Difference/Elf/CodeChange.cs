namespace Builder.Analysis.Difference.Elf;

/// <summary>A function whose instructions differ.</summary>
/// <param name="Lines">Of a disassembly; each begins with a space, − or +. Empty where it is not shown.</param>
/// <param name="Removed">Instructions that only the left side has; −1 where they are not counted.</param>
internal sealed record CodeChange(ElfFunction Left, ElfFunction Right, IReadOnlyList<string> Lines, int Removed, int Added);

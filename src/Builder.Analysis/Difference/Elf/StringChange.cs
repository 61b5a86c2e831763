namespace Builder.Analysis.Difference.Elf;

/// <summary>A printable text of a section that only one side has, with what stands for it on the other.</summary>
/// <param name="LeftOffset">In the section; −1 where the left side has none.</param>
internal sealed record StringChange(string? Left, string? Right, int LeftOffset);

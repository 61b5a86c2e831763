namespace Builder.Analysis.Difference.Elf;

/// <summary>A text that the same instruction of the same function uses, and that differs.</summary>
/// <param name="LeftAddress">In memory.</param>
internal sealed record LiteralChange(string Left, string Right, ulong LeftAddress, ElfFunction Function, int Section);

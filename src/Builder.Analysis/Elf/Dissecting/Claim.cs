namespace Builder.Analysis.Elf;

/// <summary>Bytes that a symbol names. <paramref name="Next"/> is the next claim of the same node, −1 at the end.</summary>
internal readonly record struct Claim(int NameOffset, int Next, long Size);

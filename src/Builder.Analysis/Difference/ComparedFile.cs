namespace Builder.Analysis.Difference;

/// <param name="Path">As the caller names it.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal; empty for a directory.</param>
public sealed record ComparedFile(string Path, long Size, string Sha256);

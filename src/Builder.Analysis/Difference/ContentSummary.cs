namespace Builder.Analysis.Difference;

/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record ContentSummary(long Size, string Sha256);

namespace Builder.Analysis.Difference.Containers;

/// <summary>What the comparison of members must know about a kind of archive.</summary>
/// <param name="OrderFix">How to get a fixed order; null for the usual sentence.</param>
/// <param name="IsEnvelope">The members are parts of one package (.deb): what their headers say matters less than what is in them.</param>
/// <param name="HasOrder">False for a directory on disk: its order is nobody's.</param>
internal sealed record ArchiveFormat(string Kind, string? OrderFix = null, bool IsEnvelope = false, bool HasOrder = true);

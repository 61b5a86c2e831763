namespace Builder.Analysis.Comparison;

/// <summary>Something that both sides have, with another version or value.</summary>
public sealed record VersionChange(string Name, string Left, string Right);

namespace Builder.Analysis.Comparison;

/// <summary>Something that only one side has: a package with its version, a variable with its value.</summary>
public sealed record NamedVersion(string Name, string Version);

namespace Builder.Analysis.Comparison;

/// <summary>A vendored directory that only one side has.</summary>
public sealed record DuniverseDirectory(string Name, string Url);

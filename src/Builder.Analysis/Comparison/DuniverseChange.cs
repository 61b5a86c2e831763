using System.Collections.Immutable;

namespace Builder.Analysis.Comparison;

/// <summary>A vendored directory whose source differs.</summary>
/// <param name="Hashes">Only those that differ.</param>
public sealed record DuniverseChange(string Name, string LeftUrl, string RightUrl, ImmutableArray<HashChange> Hashes);

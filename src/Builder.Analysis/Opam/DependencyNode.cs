using System.Collections.Immutable;

namespace Builder.Analysis.Opam;

/// <summary>A package and what it depends on directly, in the order of the names.</summary>
public sealed record DependencyNode(string Name, ImmutableArray<string> Dependencies);

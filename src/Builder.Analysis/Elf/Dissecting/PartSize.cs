using System.Collections.Immutable;

namespace Builder.Analysis.Elf;

/// <summary>A part of a binary that a reader has a name for: a module, a library, a section.</summary>
/// <param name="Kind">What it is written in, or what its bytes are for: "OCaml", "C", "Debug information".</param>
/// <param name="Units">Of an OCaml module with parts of its own, each with its full name; empty for all else.</param>
public sealed record PartSize(string Kind, string Name, long Size, ImmutableArray<UnitSize> Units);

public readonly record struct UnitSize(string Name, long Size);

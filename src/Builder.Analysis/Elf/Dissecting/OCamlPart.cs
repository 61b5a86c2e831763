namespace Builder.Analysis.Elf;

/// <summary>A range that belongs to a unit.</summary>
internal readonly record struct OCamlPart(int Unit, DissectionKind Kind, long Start, long End);

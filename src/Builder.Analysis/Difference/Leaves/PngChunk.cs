namespace Builder.Analysis.Difference.Leaves;

/// <summary>A chunk of a PNG file: its type and the range of its data.</summary>
internal readonly record struct PngChunk(string Type, long Offset, int Length);

namespace Builder.Analysis.Drawing;

/// <summary>A part of the bar above a treemap, and its word in the legend.</summary>
internal readonly record struct ScaleSegment(string Name, string Amount, string Kind, long Size);

namespace Builder.Analysis.Drawing;

/// <param name="Path">From the first level down, for the reader.</param>
/// <param name="IsFrame">Other tiles lie on it.</param>
internal readonly record struct TreemapTile(TreemapItem Item, string Path, Rectangle Place, int Depth, bool IsFrame);

namespace Builder.Analysis.Drawing;

/// <summary>What a tile stands for. Children are made only when there is room to draw them.</summary>
/// <param name="Kind">Names its colour in the style sheet.</param>
/// <param name="Amount">What is written on the tile.</param>
/// <param name="Detail">What pointing at it adds.</param>
internal sealed record TreemapItem(
    string Name,
    long Weight,
    string Kind,
    string Amount,
    string Detail,
    Func<IReadOnlyList<TreemapItem>> Children
);

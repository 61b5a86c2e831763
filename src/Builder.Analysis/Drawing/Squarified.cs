namespace Builder.Analysis.Drawing;

/// <summary>Divides a rectangle by weights into tiles as near to squares as they get (Bruls, Huizing and van Wijk).</summary>
internal static class Squarified
{
    /// <param name="weights">Positive, the largest first.</param>
    public static Rectangle[] Divide(Rectangle space, ReadOnlySpan<double> weights)
    {
        var tiles = new Rectangle[weights.Length];
        var total = 0.0;
        foreach (var weight in weights)
            total += weight;
        if (total <= 0)
            return tiles;
        var scale = space.Area / total;
        for (var first = 0; first < weights.Length; )
        {
            var side = Math.Min(space.Width, space.Height);
            var row = 0.0;
            var last = first;
            var worst = double.MaxValue;
            while (last < weights.Length)
            {
                var longer = row + weights[last] * scale;
                var ratio = Worst(longer, weights[first] * scale, weights[last] * scale, side);
                if (ratio > worst)
                    break;
                worst = ratio;
                row = longer;
                last++;
            }
            space = LayRow(space, weights[first..last], scale, row, tiles.AsSpan(first, last - first));
            first = last;
        }
        return tiles;
    }

    /// <summary>The least square tile of a row; not a number is never worse, so that rows without room end.</summary>
    private static double Worst(double row, double largest, double smallest, double side) =>
        side <= 0 || row <= 0 ? 0 : Math.Max(side * side * largest / (row * row), row * row / (side * side * smallest));

    private static Rectangle LayRow(Rectangle space, ReadOnlySpan<double> weights, double scale, double row, Span<Rectangle> tiles)
    {
        var isTall = space.Width >= space.Height;
        var side = isTall ? space.Height : space.Width;
        var depth = side > 0 ? row / side : 0;
        var at = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            var length = depth > 0 ? weights[i] * scale / depth : 0;
            tiles[i] = isTall ? new Rectangle(space.X, space.Y + at, depth, length) : new Rectangle(space.X + at, space.Y, length, depth);
            at += length;
        }
        return isTall
            ? new Rectangle(space.X + depth, space.Y, Math.Max(0, space.Width - depth), space.Height)
            : new Rectangle(space.X, space.Y + depth, space.Width, Math.Max(0, space.Height - depth));
    }
}

using System.Globalization;

namespace Builder.Analysis.Drawing;

/// <summary>Decides what is drawn where: areas are sizes, and what is too small to be seen is drawn together.</summary>
internal sealed class TreemapLayout
{
    /// <summary>A part below this share of the whole is drawn together with its like.</summary>
    private const double SmallestShare = 0.004;

    /// <summary>Unless most of what contains it is like that: then every part counts that a pointer can hit, in square pixels.</summary>
    private const double SmallestArea = 150;
    private const double MaxCombinedShare = 0.06;

    private const double SmallestFrameWidth = 56;
    private const double SmallestFrameHeight = 44;
    private const int MaxTiles = 5000;
    private const int Deepest = 12;

    private readonly List<TreemapTile> _tiles = [];

    private TreemapLayout(long whole) => Whole = whole;

    /// <summary>A frame before what lies on it.</summary>
    public IReadOnlyList<TreemapTile> Tiles => _tiles;

    public long Whole { get; }

    /// <summary>Bytes of the parts that are drawn together with others.</summary>
    public long Together { get; private set; }

    public static TreemapLayout Of(IReadOnlyList<TreemapItem> items, Rectangle map)
    {
        var layout = new TreemapLayout(items.Sum(item => item.Weight));
        layout.Place(items, map, "", 0);
        return layout;
    }

    private void Place(IReadOnlyList<TreemapItem> items, Rectangle space, string path, int depth)
    {
        var drawn = WithoutSmall(items, space);
        var weights = new double[drawn.Count];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = drawn[i].Weight;
        var places = Squarified.Divide(space, weights);
        for (var i = 0; i < places.Length; i++)
            Place(drawn[i], places[i], path, depth);
    }

    private void Place(TreemapItem item, Rectangle place, string path, int depth)
    {
        var itemPath = path.Length == 0 ? item.Name : $"{path} / {item.Name}";
        if (place.Width < SmallestFrameWidth || place.Height < SmallestFrameHeight || depth >= Deepest || _tiles.Count >= MaxTiles)
        {
            _tiles.Add(new TreemapTile(item, itemPath, place, depth, IsFrame: false));
            return;
        }
        var children = item.Children();
        while (children.Count == 1 && children[0].Weight == item.Weight)
        {
            // A box around a single box says nothing: one tile with both names.
            item = children[0] with
            {
                Name = $"{item.Name} / {children[0].Name}",
            };
            itemPath = path.Length == 0 ? item.Name : $"{path} / {item.Name}";
            children = item.Children();
        }
        var isFrame = children.Count > 1;
        _tiles.Add(new TreemapTile(item, itemPath, place, depth, isFrame));
        if (isFrame)
            Place(children, Inside(place, depth), itemPath, depth + 1);
    }

    internal static Rectangle Inside(Rectangle frame, int depth) => frame.Inset(depth == 0 ? 4 : 3, depth == 0 ? 21 : 18);

    private IReadOnlyList<TreemapItem> WithoutSmall(IReadOnlyList<TreemapItem> items, Rectangle space)
    {
        var sum = items.Sum(item => item.Weight);
        var area = sum > 0 ? space.Area / sum : 0;
        var smallest = Whole * SmallestShare;
        var together = items.Where(item => item.Weight < smallest).Sum(item => item.Weight);
        if (together > sum * MaxCombinedShare)
            smallest = area > 0 ? Math.Min(smallest, SmallestArea / area) : smallest;
        var kept = items.Count;
        while (kept > 0 && items[kept - 1].Weight < smallest)
            kept--;
        if (items.Count - kept < 2)
            return items;
        var rest = items.Skip(kept).ToList();
        var weight = rest.Sum(item => item.Weight);
        Together += weight;
        var names = string.Join(", ", rest.Take(4).Select(item => item.Name));
        var more = new TreemapItem(
            string.Create(CultureInfo.InvariantCulture, $"{rest.Count:N0} smaller"),
            weight,
            "more " + rest[0].Kind,
            Units.Bytes(weight),
            $"{Units.Bytes(weight)} in {rest.Count.ToString("N0", CultureInfo.InvariantCulture)} parts, each too small to be drawn alone: {names}{(rest.Count > 4 ? ", …" : "")}",
            () => []
        );
        // Together they may be larger than those that stand alone.
        return [.. items.Take(kept).Append(more).OrderByDescending(item => item.Weight)];
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Builder.Proof.Log;

/// <summary>
/// A tile of the log (C2SP tlog-tiles): up to 256 hashes of a level that is a multiple of eight, or the entries that 256 hashes of leaves belong to.
/// </summary>
/// <param name="Level">0 holds hashes of leaves, 1 one hash for each full tile of level 0, and so on; <see cref="Entries"/> holds the entries.</param>
/// <param name="Width">256, or fewer at the right edge of the tree; never 0.</param>
public readonly record struct TileAddress(int Level, long Index, int Width)
{
    /// <summary>Hashes in a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>Eight levels of the tree are one level of tiles.</summary>
    public const int Height = 8;

    /// <summary>The level of the tiles that hold entries.</summary>
    public const int Entries = -1;

    /// <summary>2^63 leaves take no more.</summary>
    public const int MaxLevel = 7;

    private const int MaxPathLength = 64;
    private const long MaxIndex = long.MaxValue >> Height;

    public bool IsFull => Width == FullWidth;

    /// <summary>The tile as it is once full.</summary>
    public TileAddress Full => this with { Width = FullWidth };

    /// <summary>Its width in a tree of <paramref name="size"/> leaves, or null where such a tree has no hash in it.</summary>
    public static TileAddress? InTree(int level, long index, long size)
    {
        var hashes = size >> (Height * Math.Max(level, 0));
        var width = Math.Min(hashes - (index << Height), FullWidth);
        return width > 0 ? new TileAddress(level, index, (int)width) : null;
    }

    /// <summary>Below the address of the log: <c>tile/0/x001/x234/067</c>, <c>tile/entries/000.p/12</c>.</summary>
    public string Path
    {
        get
        {
            var path = new StringBuilder("tile/");
            path.Append(Level == Entries ? "entries" : Level.ToString(CultureInfo.InvariantCulture));
            var groups = new Stack<long>([Index % 1000]);
            for (var rest = Index / 1000; rest > 0; rest /= 1000)
                groups.Push(rest % 1000);
            while (groups.TryPop(out var group))
                path.Append(CultureInfo.InvariantCulture, $"/{(groups.Count > 0 ? "x" : "")}{group:000}");
            if (!IsFull)
                path.Append(CultureInfo.InvariantCulture, $".p/{Width}");
            return path.ToString();
        }
    }

    /// <summary>Only the one way to write an address: no other file is reached through it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? path, out TileAddress address)
    {
        address = default;
        if (path is null || path.Length > MaxPathLength || path.Split('/') is not ["tile", var level, .. var rest] || rest.Length == 0)
            return false;
        var width = FullWidth;
        if (rest is [.., var last, var text] && last.EndsWith(".p", StringComparison.Ordinal))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out width))
                return false;
            rest = [.. rest[..^2], last[..^2]];
        }
        if (!TryParseLevel(level, out var number) || !TryParseIndex(rest, out var index) || width is < 1 or > FullWidth)
            return false;
        address = new TileAddress(number, index, width);
        return address.Path == path;
    }

    private static bool TryParseLevel(string text, out int level)
    {
        level = Entries;
        return text == "entries" || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out level) && level <= MaxLevel);
    }

    private static bool TryParseIndex(ReadOnlySpan<string> groups, out long index)
    {
        index = 0;
        foreach (var group in groups)
        {
            if (!int.TryParse(group.AsSpan().TrimStart('x'), NumberStyles.None, CultureInfo.InvariantCulture, out var digits))
                return false;
            if (index > MaxIndex / 1000)
                return false;
            index = (index * 1000) + digits;
        }
        return index <= MaxIndex;
    }

    public override string ToString() => Path;
}

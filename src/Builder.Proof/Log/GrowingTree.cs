using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>The right edge of a tree, to which leaves are added; it gives the tiles that change by that. Takes at most 8 kB for each level of tiles.</summary>
public sealed class GrowingTree
{
    private readonly List<List<Sha256Digest>> levels;

    private GrowingTree(long size, IEnumerable<Sha256Digest[]> edge)
    {
        Size = size;
        levels = [.. edge.Select(static hashes => hashes.ToList())];
    }

    public long Size { get; private set; }

    /// <summary>A tree without leaves.</summary>
    public static GrowingTree Empty => new(0, []);

    /// <summary>As the tiles have it. The caller compares <see cref="Root"/> with the signed one.</summary>
    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    public static async ValueTask<GrowingTree> LoadAsync(TileTree tree, CancellationToken cancellationToken) =>
        new(tree.Size, await tree.EdgeAsync(cancellationToken));

    public GrowingTree Copy() => new(Size, levels.Select(static hashes => hashes.ToArray()));

    /// <summary>Adds a leaf; <paramref name="full"/> is told of each tile that is full by that.</summary>
    public void Add(Sha256Digest leafHash, Action<TileAddress, IReadOnlyList<Sha256Digest>> full)
    {
        var hash = leafHash;
        for (var level = 0; ; level++)
        {
            if (level == levels.Count)
                levels.Add([]);
            var tile = levels[level];
            tile.Add(hash);
            if (tile.Count < TileAddress.FullWidth)
                break;
            var index = Size >> (TileAddress.Height * (level + 1));
            full(new TileAddress(level, index, TileAddress.FullWidth), tile);
            hash = MerkleHash.OfFullSubtree(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tile));
            levels[level] = [];
        }
        Size++;
    }

    /// <summary>The partial tiles at the edge that have other hashes than when the tree had <paramref name="oldSize"/> leaves.</summary>
    public IEnumerable<(TileAddress Tile, IReadOnlyList<Sha256Digest> Hashes)> PartialTilesSince(long oldSize)
    {
        for (var level = 0; level < levels.Count; level++)
        {
            var shift = TileAddress.Height * level;
            if (levels[level].Count > 0 && oldSize >> shift != Size >> shift)
                yield return (new TileAddress(level, Size >> (shift + TileAddress.Height), levels[level].Count), levels[level]);
        }
    }

    public Sha256Digest Root()
    {
        Sha256Digest? root = null;
        foreach (var hashes in levels)
        {
            foreach (var subtree in new TreeRange(0, hashes.Count).FullSubtrees().Reverse())
            {
                var begin = (int)(subtree.Index << subtree.Level);
                var left = MerkleHash.OfFullSubtree(
                    System.Runtime.InteropServices.CollectionsMarshal.AsSpan(hashes).Slice(begin, 1 << subtree.Level)
                );
                root = root is { } right ? MerkleHash.OfNode(left, right) : left;
            }
        }
        return root ?? MerkleHash.Empty;
    }
}

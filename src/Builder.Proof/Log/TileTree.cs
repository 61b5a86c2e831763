using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>
/// A tree of <paramref name="size"/> leaves, read from tiles. Nothing that it gives is trusted before it was verified against a signed root: where the
/// source lies, proofs do not verify.
/// </summary>
public sealed class TileTree(ITileSource source, long size)
{
    private const int MaxKeptTiles = 64;

    private readonly Dictionary<TileAddress, Sha256Digest[]> kept = [];

    public long Size => size;

    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    public async ValueTask<Sha256Digest> RootAsync(CancellationToken cancellationToken) =>
        size == 0 ? MerkleHash.Empty : await HashAsync(new TreeRange(0, size), cancellationToken);

    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    public async ValueTask<Sha256Digest> LeafHashAsync(long index, CancellationToken cancellationToken) =>
        await HashAsync(new TreeRange(index, index + 1), cancellationToken);

    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    public ValueTask<IReadOnlyList<Sha256Digest>> ProveInclusionAsync(long index, CancellationToken cancellationToken) =>
        HashesAsync(InclusionProof.Ranges(index, size), cancellationToken);

    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    public ValueTask<IReadOnlyList<Sha256Digest>> ProveConsistencyAsync(long oldSize, CancellationToken cancellationToken) =>
        HashesAsync(ConsistencyProof.Ranges(oldSize, size), cancellationToken);

    /// <summary>The hashes at the right edge, one list for each level of tiles: all that is needed to let the tree grow.</summary>
    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    internal async ValueTask<IReadOnlyList<Sha256Digest[]>> EdgeAsync(CancellationToken cancellationToken)
    {
        var levels = new List<Sha256Digest[]>();
        for (var level = 0; size >> (TileAddress.Height * level) > 0; level++)
        {
            var index = size >> (TileAddress.Height * (level + 1));
            var tile = TileAddress.InTree(level, index, size);
            levels.Add(tile is { } address ? await TileAsync(address, cancellationToken) : []);
        }
        return levels;
    }

    private async ValueTask<IReadOnlyList<Sha256Digest>> HashesAsync(IReadOnlyList<TreeRange> ranges, CancellationToken cancellationToken)
    {
        var hashes = new List<Sha256Digest>(ranges.Count);
        foreach (var range in ranges)
            hashes.Add(await HashAsync(range, cancellationToken));
        return hashes;
    }

    private async ValueTask<Sha256Digest> HashAsync(TreeRange range, CancellationToken cancellationToken)
    {
        Sha256Digest? hash = null;
        foreach (var node in range.FullSubtrees().Reverse())
        {
            var left = await HashAsync(node, cancellationToken);
            hash = hash is { } right ? MerkleHash.OfNode(left, right) : left;
        }
        return hash!.Value;
    }

    private async ValueTask<Sha256Digest> HashAsync(TreeNode node, CancellationToken cancellationToken)
    {
        var (level, height) = Math.DivRem(node.Level, TileAddress.Height);
        var first = node.Index << height;
        var tile =
            TileAddress.InTree(level, first >> TileAddress.Height, size)
            ?? throw new ArgumentOutOfRangeException(
                nameof(node),
                $"a tree of {size} leaves has no node {node.Index} at level {node.Level}"
            );
        var hashes = await TileAsync(tile, cancellationToken);
        return MerkleHash.OfFullSubtree(hashes.AsSpan((int)(first % TileAddress.FullWidth), 1 << height));
    }

    private async ValueTask<Sha256Digest[]> TileAsync(TileAddress address, CancellationToken cancellationToken)
    {
        if (kept.TryGetValue(address, out var known))
            return known;
        var bytes =
            await source.ReadAsync(address, cancellationToken) ?? throw new InvalidLogDataException($"the tile {address} is missing");
        var hashes = HashTile.Read(bytes, address.Width);
        if (kept.Count >= MaxKeptTiles)
            kept.Clear();
        kept.Add(address, hashes);
        return hashes;
    }
}

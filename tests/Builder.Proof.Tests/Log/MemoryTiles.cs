using Builder.Analysis.Values;
using Builder.Proof.Log;

namespace Builder.Proof.Tests.Log;

/// <summary>The tiles of a log in memory.</summary>
internal sealed class MemoryTiles : ITileSource
{
    private readonly Dictionary<TileAddress, byte[]> tiles = [];
    private readonly GrowingTree tree = GrowingTree.Empty;

    public long Size => tree.Size;

    public Sha256Digest Root => tree.Root();

    public static byte[] Leaf(long index) => BitConverter.GetBytes(index);

    public static MemoryTiles OfSize(int size)
    {
        var tiles = new MemoryTiles();
        tiles.Grow(size);
        return tiles;
    }

    public void Grow(int count) => Grow([.. Enumerable.Range(0, count).Select(offset => Leaf(Size + offset))]);

    public void Grow(IReadOnlyList<byte[]> leaves)
    {
        var before = tree.Size;
        foreach (var leaf in leaves)
            tree.Add(MerkleHash.OfLeaf(leaf), (address, hashes) => tiles[address] = HashTile.Write([.. hashes]));
        foreach (var (address, hashes) in tree.PartialTilesSince(before))
            tiles[address] = HashTile.Write([.. hashes]);
    }

    public IEnumerable<TileAddress> Addresses => tiles.Keys;

    public void Change(TileAddress address) => tiles[address][^1] ^= 1;

    public ValueTask<byte[]?> ReadAsync(TileAddress address, CancellationToken cancellationToken) =>
        ValueTask.FromResult(tiles.GetValueOrDefault(address) ?? tiles.GetValueOrDefault(address.Full));
}

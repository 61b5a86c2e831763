using System.Text.Json;
using Builder.Analysis.Values;
using Builder.Proof.Log;
using Builder.Testing;
using CsCheck;

namespace Builder.Proof.Tests.Log;

public sealed class MerkleTests
{
    private const string A = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
    private const string B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
    private const string C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
    private const string D = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
    private const string E = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
    private const string F = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
    private const string G = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Roots_are_those_that_certificate_transparency_knows(int size)
    {
        var tiles = new MemoryTiles();
        tiles.Grow(KnownTree.Leaves[..size]);

        Assert.Equal(KnownTree.Roots[size], tiles.Root.ToString());
        Assert.Equal(KnownTree.Roots[size], (await new TileTree(tiles, size).RootAsync(Token)).ToString());
        Assert.Equal(KnownTree.Roots[size], KnownTree.RootOf(KnownTree.Leaves.AsSpan(0, size)).ToString());
    }

    [Theory]
    [InlineData(0, 1, new string[0])]
    [InlineData(0, 8, new[] { D, B, C })]
    [InlineData(5, 8, new[] { E, F, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" })]
    [InlineData(2, 3, new[] { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" })]
    [InlineData(1, 5, new[] { A, B, E })]
    public async Task Inclusion_proofs_are_those_that_certificate_transparency_knows(long index, int size, string[] expected)
    {
        var tiles = new MemoryTiles();
        tiles.Grow(KnownTree.Leaves[..size]);

        var proof = await new TileTree(tiles, size).ProveInclusionAsync(index, Token);

        Assert.Equal(expected, proof.Select(static hash => hash.ToString()));
        Assert.True(InclusionProof.Verify(MerkleHash.OfLeaf(KnownTree.Leaves[index]), index, size, proof, tiles.Root));
    }

    [Theory]
    [InlineData(1, 1, new string[0])]
    [InlineData(1, 8, new[] { D, B, C })]
    [InlineData(6, 8, new[] { G, F, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" })]
    [InlineData(2, 5, new[] { B, E })]
    public async Task Consistency_proofs_are_those_that_certificate_transparency_knows(int oldSize, int newSize, string[] expected)
    {
        var tiles = new MemoryTiles();
        tiles.Grow(KnownTree.Leaves[..newSize]);

        var proof = await new TileTree(tiles, newSize).ProveConsistencyAsync(oldSize, Token);

        Assert.Equal(expected, proof.Select(static hash => hash.ToString()));
        Assert.True(ConsistencyProof.Verify(oldSize, Sha256Digest.Parse(KnownTree.Roots[oldSize]), newSize, tiles.Root, proof));
    }

    [Fact]
    public void A_log_of_seventy_thousand_entries_made_by_another_program_grew()
    {
        using var known = JsonDocument.Parse(Vectors.Read("log/proof.json"));
        var proof = known.RootElement.GetProperty("cons").EnumerateArray().Select(ReadHash).ToList();
        var key = NoteKey.Parse(Vectors.ReadText("log/vkey").Trim());
        var old = SignedCheckpoint.Open(Vectors.Read("log/checkpoint.66000"), key).Checkpoint;
        var now = SignedCheckpoint.Open(Vectors.Read("log/checkpoint.70000"), key).Checkpoint;

        Assert.True(ConsistencyProof.Verify(old.Size, old.Root, now.Size, now.Root, proof));
        Assert.False(ConsistencyProof.Verify(old.Size - 1, old.Root, now.Size, now.Root, proof));
        Assert.False(ConsistencyProof.Verify(old.Size, now.Root, now.Size, now.Root, proof));
        Assert.False(ConsistencyProof.Verify(old.Size, old.Root, now.Size, now.Root, [.. proof.Skip(1)]));
    }

    [Fact]
    public Task Every_tree_proves_every_leaf_and_no_other() =>
        Gen.Int[1, 700]
            .SelectMany(size => Gen.Int[0, size - 1].Select(index => (size, index)))
            .SampleAsync(
                async tree =>
                {
                    var tiles = MemoryTiles.OfSize(tree.size);
                    var proof = await new TileTree(tiles, tree.size).ProveInclusionAsync(tree.index, CancellationToken.None);
                    var leaf = MerkleHash.OfLeaf(MemoryTiles.Leaf(tree.index));
                    Assert.True(InclusionProof.Verify(leaf, tree.index, tree.size, proof, tiles.Root));
                    Assert.False(InclusionProof.Verify(leaf, tree.index + 1, tree.size, proof, tiles.Root));
                    Assert.False(InclusionProof.Verify(tiles.Root, tree.index, tree.size, [.. proof, tiles.Root], tiles.Root));
                    Assert.False(
                        InclusionProof.Verify(MerkleHash.OfLeaf(MemoryTiles.Leaf(tree.index + 1)), tree.index, tree.size, proof, tiles.Root)
                    );
                },
                iter: 200
            );

    [Fact]
    public Task Every_tree_proves_that_it_contains_each_smaller_one_and_no_other() =>
        Gen.Int[1, 700]
            .SelectMany(size => Gen.Int[1, size].Select(old => (size, old)))
            .SampleAsync(
                async tree =>
                {
                    var tiles = MemoryTiles.OfSize(tree.old);
                    var oldRoot = tiles.Root;
                    tiles.Grow(tree.size - tree.old);
                    var proof = await new TileTree(tiles, tree.size).ProveConsistencyAsync(tree.old, CancellationToken.None);
                    Assert.True(ConsistencyProof.Verify(tree.old, oldRoot, tree.size, tiles.Root, proof));
                    var other = MerkleHash.OfNode(oldRoot, oldRoot);
                    Assert.False(ConsistencyProof.Verify(tree.old, other, tree.size, tiles.Root, proof));
                    Assert.False(ConsistencyProof.Verify(tree.old, oldRoot, tree.size, other, proof));
                },
                iter: 200
            );

    [Fact]
    public Task A_tree_loaded_from_its_tiles_goes_on_as_if_it_had_never_stopped() =>
        Gen.Select(Gen.Int[0, 70_000], Gen.Int[0, 600])
            .SampleAsync(
                async sizes =>
                {
                    var (first, second) = sizes;
                    var tiles = MemoryTiles.OfSize(first);
                    var loaded = await GrowingTree.LoadAsync(new TileTree(tiles, first), CancellationToken.None);
                    Assert.Equal(tiles.Root, loaded.Root());
                    for (var index = first; index < first + second; index++)
                        loaded.Add(MerkleHash.OfLeaf(MemoryTiles.Leaf(index)), static (_, _) => { });
                    tiles.Grow(second);
                    Assert.Equal(tiles.Root, loaded.Root());
                },
                iter: 10
            );

    [Fact]
    public async Task A_changed_tile_proves_nothing()
    {
        var tiles = MemoryTiles.OfSize(600);
        tiles.Change(new TileAddress(0, 2, 88));

        var proof = await new TileTree(tiles, 600).ProveInclusionAsync(10, Token);

        Assert.False(InclusionProof.Verify(MerkleHash.OfLeaf(MemoryTiles.Leaf(10)), 10, 600, proof, tiles.Root));
    }

    [Fact]
    public async Task A_missing_tile_is_named()
    {
        var missing = await Assert.ThrowsAsync<InvalidLogDataException>(async () =>
            await new TileTree(MemoryTiles.OfSize(10), 300).ProveInclusionAsync(1, Token)
        );
        Assert.Contains("tile/0/000", missing.Message, StringComparison.Ordinal);
    }

    private static Sha256Digest ReadHash(JsonElement element) => Sha256Digest.FromBytes(element.GetBytesFromBase64());
}

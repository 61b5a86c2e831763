using Builder.Proof.Log;
using CsCheck;

namespace Builder.Proof.Tests.Log;

public sealed class TileTests
{
    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(1, 1000, 7, "tile/1/x001/000.p/7")]
    [InlineData(TileAddress.Entries, 67, 256, "tile/entries/067")]
    [InlineData(TileAddress.Entries, 273, 112, "tile/entries/273.p/112")]
    public void A_tile_has_the_path_of_the_specification(int level, long index, int width, string path)
    {
        Assert.Equal(path, new TileAddress(level, index, width).Path);
        Assert.True(TileAddress.TryParse(path, out var read));
        Assert.Equal(new TileAddress(level, index, width), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tile")]
    [InlineData("tile/0")]
    [InlineData("tile/8/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/0000")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/x001")]
    [InlineData("tile/0/xx01/001")]
    [InlineData("tile/0/001/001")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/000.p/")]
    [InlineData("tile/0/000.p")]
    [InlineData("tile/0/../000")]
    [InlineData("tile/00/000")]
    [InlineData("tile/0/000/")]
    [InlineData("/tile/0/000")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/x999/999")]
    public void No_other_path_is_a_tile(string path) => Assert.False(TileAddress.TryParse(path, out _));

    [Fact]
    public void Every_tile_is_read_from_its_path() =>
        Gen.Select(Gen.Int[-1, TileAddress.MaxLevel], Gen.Long[0, 1L << 50], Gen.Int[1, 256])
            .Sample(tile =>
            {
                var address = new TileAddress(tile.Item1, tile.Item2, tile.Item3);
                return TileAddress.TryParse(address.Path, out var read) && read == address;
            });

    [Fact]
    public void A_tree_of_seventy_thousand_leaves_has_these_tiles_at_its_edge()
    {
        Assert.Equal(new TileAddress(0, 273, 112), TileAddress.InTree(0, 273, 70_000));
        Assert.Equal(new TileAddress(1, 1, 17), TileAddress.InTree(1, 1, 70_000));
        Assert.Equal(new TileAddress(2, 0, 1), TileAddress.InTree(2, 0, 70_000));
        Assert.Null(TileAddress.InTree(0, 274, 70_000));
        Assert.Null(TileAddress.InTree(3, 0, 70_000));
    }

    [Fact]
    public void Entries_come_back_from_their_bundle() =>
        Gen
            .Byte.Array[0, 300]
            .List[0, 20]
            .Sample(entries =>
            {
                using var bundle = new MemoryStream();
                foreach (var entry in entries)
                    EntryBundle.Append(bundle, entry);
                var read = EntryBundle.Read(bundle.ToArray(), entries.Count);
                Assert.Equal(entries, read.Select(static entry => entry.ToArray()));
                Assert.Equal(bundle.Length, EntryBundle.LengthOf(bundle.ToArray(), entries.Count));
            });

    [Fact]
    public void A_bundle_that_ends_too_soon_is_refused()
    {
        Assert.Throws<InvalidLogDataException>(static () => EntryBundle.Read(new byte[] { 0, 2, 1 }, 1));
        Assert.Throws<InvalidLogDataException>(static () => EntryBundle.Read(new byte[] { 0, 1, 1 }, 2));
        Assert.Throws<InvalidLogDataException>(static () => EntryBundle.Read(new byte[] { 0 }, 1));
    }

    [Fact]
    public void A_tile_with_too_few_hashes_is_refused()
    {
        Assert.Throws<InvalidLogDataException>(static () => HashTile.Read(new byte[64], 3));
        Assert.Throws<InvalidLogDataException>(static () => HashTile.Read(new byte[65], 2));
        Assert.Equal(2, HashTile.Read(new byte[96], 2).Length);
    }
}

using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>Reads what a log grew by, and checks that it only grew. Trusts nothing but the two checkpoints.</summary>
/// <param name="source">Where tiles come from.</param>
public sealed class LogFollower(ITileSource source)
{
    /// <summary>That the newer checkpoint contains the older one, by a proof made of tiles.</summary>
    /// <exception cref="LogForkException">It does not.</exception>
    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    public async Task CheckGrowthAsync(Checkpoint old, Checkpoint now, CancellationToken cancellationToken)
    {
        if (now.Size < old.Size)
        {
            var proof = await new TileTree(source, old.Size).ProveConsistencyAsync(now.Size, cancellationToken);
            throw new LogForkException(
                ConsistencyProof.Verify(now.Size, now.Root, old.Size, old.Root, proof)
                    ? $"the log \"{now.Origin}\" shows an old checkpoint: {now.Size} entries, it had {old.Size} before"
                    : $"the log \"{now.Origin}\" shows another log: {now.Size} entries that are not those it had before"
            );
        }
        var growth = await new TileTree(source, now.Size).ProveConsistencyAsync(old.Size, cancellationToken);
        if (!ConsistencyProof.Verify(old.Size, old.Root, now.Size, now.Root, growth))
            throw new LogForkException(
                $"the log \"{now.Origin}\" was changed: its {now.Size} entries do not continue the {old.Size} it had before"
            );
    }

    /// <summary>Every entry since the older checkpoint, after which the whole tree is that of the newer one.</summary>
    /// <param name="each">Told of each entry and its number; what it learns counts only once this has returned.</param>
    /// <exception cref="LogForkException">The entries are not those that the newer checkpoint names.</exception>
    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    public async Task ReadAsync(
        Checkpoint old,
        Checkpoint now,
        Func<long, ReadOnlyMemory<byte>, ValueTask> each,
        CancellationToken cancellationToken
    )
    {
        var tree = await GrowingTree.LoadAsync(new TileTree(source, old.Size), cancellationToken);
        if (tree.Root() != old.Root)
            throw new LogForkException($"the log \"{now.Origin}\" shows other tiles than those of its {old.Size} entries before");
        while (tree.Size < now.Size)
        {
            var tile = TileAddress.InTree(TileAddress.Entries, tree.Size >> TileAddress.Height, now.Size)!.Value;
            var bytes = await source.ReadAsync(tile, cancellationToken) ?? throw new InvalidLogDataException($"the tile {tile} is missing");
            foreach (var entry in EntryBundle.Read(bytes, tile.Width).Skip((int)(tree.Size % TileAddress.FullWidth)))
            {
                await each(tree.Size, entry);
                tree.Add(MerkleHash.OfLeaf(entry.Span), static (_, _) => { });
            }
        }
        if (tree.Root() != now.Root)
            throw new LogForkException($"the entries of the log \"{now.Origin}\" are not those that its checkpoint of {now.Size} names");
    }

    /// <summary>Every tile of hashes and of entries of a whole log against its checkpoint.</summary>
    /// <exception cref="LogForkException">Tiles, entries and checkpoint do not fit together.</exception>
    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    public async Task CheckAllAsync(Checkpoint now, CancellationToken cancellationToken)
    {
        var tree = GrowingTree.Empty;
        var full = new Queue<(TileAddress Tile, byte[] Content)>();
        await ReadAsync(
            new Checkpoint(now.Origin, 0, MerkleHash.Empty),
            now,
            async (_, entry) =>
            {
                tree.Add(MerkleHash.OfLeaf(entry.Span), (tile, hashes) => full.Enqueue((tile, HashTile.Write([.. hashes]))));
                while (full.TryDequeue(out var made))
                    await CompareAsync(made.Tile, made.Content, cancellationToken);
            },
            cancellationToken
        );
        foreach (var (tile, hashes) in tree.PartialTilesSince(0))
            await CompareAsync(tile, HashTile.Write([.. hashes]), cancellationToken);
    }

    private async Task CompareAsync(TileAddress tile, byte[] expected, CancellationToken cancellationToken)
    {
        var found = await source.ReadAsync(tile, cancellationToken) ?? throw new InvalidLogDataException($"the tile {tile} is missing");
        Sha256Digest[] hashes = HashTile.Read(found, tile.Width);
        if (!HashTile.Write(hashes).AsSpan().SequenceEqual(expected))
            throw new LogForkException($"the tile {tile} does not have the hashes of the entries");
    }
}

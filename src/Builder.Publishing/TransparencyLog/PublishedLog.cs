using Builder.Proof.Log;

namespace Builder.Publishing.TransparencyLog;

/// <summary>Reads a log's public files, as anybody can: the site answers from them without the key and without asking who writes them.</summary>
public sealed class PublishedLog(LogFiles files)
{
    public PublishedLog(string directory)
        : this(new LogFiles(directory)) { }

    public LogFiles Files => files;

    /// <summary>Null where nothing was published yet. The signature is not verified.</summary>
    /// <exception cref="InvalidLogDataException">The file is damaged.</exception>
    public SignedCheckpoint? Checkpoint() => files.ReadCheckpoint() is { } bytes ? SignedCheckpoint.ReadUnverified(bytes) : null;

    /// <exception cref="InvalidLogDataException">A tile is missing or broken.</exception>
    public async ValueTask<TlogProof> ProveAsync(long index, SignedCheckpoint checkpoint, CancellationToken cancellationToken) =>
        new(index, await new TileTree(files, checkpoint.Size).ProveInclusionAsync(index, cancellationToken), checkpoint.Note);

    /// <summary>The entry at <paramref name="index"/> of a log of so many entries.</summary>
    /// <exception cref="InvalidLogDataException">Its tile is missing or broken.</exception>
    public ReadOnlyMemory<byte> Entry(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        return Entries(index / TileAddress.FullWidth, size)[(int)(index % TileAddress.FullWidth)];
    }

    /// <summary>The entries of one tile, in a log of so many entries.</summary>
    /// <exception cref="InvalidLogDataException">The tile is missing or broken.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> Entries(long tileIndex, long size)
    {
        var tile =
            TileAddress.InTree(TileAddress.Entries, tileIndex, size)
            ?? throw new ArgumentOutOfRangeException(nameof(tileIndex), $"a log of {size} entries has no tile {tileIndex} of entries");
        var bytes = files.ReadTile(tile) ?? throw new InvalidLogDataException($"the tile {tile} is missing");
        return EntryBundle.Read(bytes, tile.Width);
    }
}

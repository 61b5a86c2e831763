using Builder.Proof.Keys;
using Builder.Proof.Log;

namespace Builder.Publishing.TransparencyLog;

/// <summary>
/// Makes a <see cref="LogWriter"/> of what the last one left. It never gives up an entry that was published: where public files and state do not fit
/// together, it refuses, as going on could show two people two logs.
/// </summary>
internal sealed class LogRecovery
{
    private const string Refusal = "nothing was changed; see \"The log does not start\" in docs/trust.md";

    private readonly LogSettings settings;
    private readonly Ed25519SigningKey key;
    private readonly LogFiles files;
    private readonly NoteKey log;

    private string IndexPath => Path.Combine(settings.StateDirectory, "leaves.db");

    private LogRecovery(LogSettings settings, Ed25519SigningKey key)
    {
        this.settings = settings;
        this.key = key;
        files = new LogFiles(settings.Directory);
        log = new NoteKey(settings.Origin, NoteKeyKind.Ed25519, key.PublicKey);
    }

    /// <exception cref="LogException">Public files and state do not fit together.</exception>
    public static async Task<LogWriter> OpenAsync(LogSettings settings, Ed25519SigningKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await new LogRecovery(settings, key).OpenAsync(cancellationToken);
        }
        catch (InvalidLogDataException exception)
        {
            throw new LogException($"the log in {settings.Directory} is damaged: {exception.Message}; {Refusal}", exception);
        }
    }

    private async Task<LogWriter> OpenAsync(CancellationToken cancellationToken)
    {
        files.Create();
        var state = ReadState();
        var journal = LogJournal.Open(
            Path.Combine(settings.StateDirectory, "journal"),
            state?.Size ?? 0,
            settings.MaxJournalLength,
            out var records
        );
        LeafIndex? index = null;
        try
        {
            var published = files.ReadCheckpoint() is { } bytes ? SignedCheckpoint.Open(bytes, log) : null;
            var settled = state ?? Begin(published, records);
            var start = await StartAsync(settled, published, records, cancellationToken);
            var tree = await GrowingTree.LoadAsync(new TileTree(files, start.Size), cancellationToken);
            if (tree.Root() != start.Checkpoint.Root)
                throw new LogException(
                    $"the files in {settings.Directory} are not those of the log that was published with {start.Size} entries; {Refusal}"
                );
            index = LeafIndex.Open(IndexPath);
            var writer = new LogWriter(settings, key, journal, index, tree, await LoadBundleAsync(start.Size, cancellationToken));
            Replay(writer, records);
            index.CatchUp(files, writer.Size);
            writer.Settle();
            writer.MendPartialTiles();
            files.WriteKey(log);
            writer.PublishAgain();
            return writer;
        }
        catch
        {
            index?.Dispose();
            journal.Dispose();
            throw;
        }
    }

    private SignedCheckpoint? ReadState()
    {
        var path = LogWriter.CheckpointPath(settings);
        return File.Exists(path) ? SignedCheckpoint.Open(File.ReadAllBytes(path), log) : null;
    }

    private SignedCheckpoint Begin(SignedCheckpoint? published, IReadOnlyList<JournalRecord> records)
    {
        var path = LogWriter.CheckpointPath(settings);
        if (published is not null || records.Count > 0)
            throw new LogException(
                $"{path} is missing, but the log was published before. If {Path.Combine(settings.Directory, "checkpoint")} is the newest checkpoint that anybody has seen, copy it there; {Refusal}"
            );
        var first = SignedCheckpoint.Sign(new Checkpoint(settings.Origin, 0, MerkleHash.Empty), log, key);
        File.Delete(IndexPath);
        LogWriter.WriteState(settings, first);
        return first;
    }

    /// <summary>
    /// Where to go on from: what the state has, or what was published where the state comes from an older backup. Checked before anything is written: one of
    /// the two contains the other.
    /// </summary>
    private async Task<SignedCheckpoint> StartAsync(
        SignedCheckpoint settled,
        SignedCheckpoint? published,
        IReadOnlyList<JournalRecord> records,
        CancellationToken cancellationToken
    )
    {
        if (published is null || records.Any(record => record.NewSize == published.Size && record.NewRoot == published.Checkpoint.Root))
            return settled;
        var (older, newer) = published.Size <= settled.Size ? (published, settled) : (settled, published);
        var proof = await new TileTree(files, newer.Size).ProveConsistencyAsync(older.Size, cancellationToken);
        return
            ConsistencyProof.Verify(older.Size, older.Checkpoint.Root, newer.Size, newer.Checkpoint.Root, proof)
            && (newer == settled || records.All(record => record.NewSize <= newer.Size))
            ? newer
            : throw new LogException(
                $"the log in {settings.Directory} was published with {published.Size} entries that do not fit those of {settings.StateDirectory}; {Refusal}"
            );
    }

    private void Replay(LogWriter writer, IReadOnlyList<JournalRecord> records)
    {
        foreach (var record in records.Where(record => record.NewSize > writer.Size))
        {
            if (record.OldSize != writer.Size)
                throw new LogException(
                    $"the journal in {settings.StateDirectory} goes on after {record.OldSize} entries, the log has {writer.Size}; {Refusal}"
                );
            writer.Apply(record, [.. record.Entries.Select(static entry => MerkleHash.OfLeaf(entry.Span))]);
        }
    }

    /// <summary>The entries of the tile that is not full yet, checked against their hashes.</summary>
    private async Task<MemoryStream> LoadBundleAsync(long size, CancellationToken cancellationToken)
    {
        var bundle = new MemoryStream();
        if (TileAddress.InTree(TileAddress.Entries, size >> TileAddress.Height, size) is not { } tile)
            return bundle;
        var bytes = files.ReadTile(tile) ?? throw new InvalidLogDataException($"the tile {tile} is missing");
        var tree = new TileTree(files, size);
        var place = tile.Index << TileAddress.Height;
        foreach (var entry in EntryBundle.Read(bytes, tile.Width))
        {
            if (await tree.LeafHashAsync(place, cancellationToken) != MerkleHash.OfLeaf(entry.Span))
                throw new InvalidLogDataException($"entry {place} is not the one that its hash names");
            EntryBundle.Append(bundle, entry.Span);
            place++;
        }
        return bundle;
    }
}

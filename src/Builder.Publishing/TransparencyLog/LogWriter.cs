using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Proof.Keys;
using Builder.Proof.Log;

namespace Builder.Publishing.TransparencyLog;

/// <summary>
/// Adds to a log, one batch after the other. A batch is in the log once its journal record is synced; then come tiles, then the checkpoint. After
/// <c>kill -9</c> at any point <see cref="LogRecovery"/> writes the same bytes again. Not for several threads.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private readonly LogSettings settings;
    private readonly LogFiles files;
    private readonly LogJournal journal;
    private readonly LeafIndex index;
    private readonly NoteKey log;
    private readonly Ed25519SigningKey key;
    private readonly HashSet<string> unsynced = new(StringComparer.Ordinal);

    private GrowingTree tree;
    private MemoryStream bundle;

    internal LogWriter(
        LogSettings settings,
        Ed25519SigningKey key,
        LogJournal journal,
        LeafIndex index,
        GrowingTree tree,
        MemoryStream bundle
    )
    {
        this.settings = settings;
        this.key = key;
        this.journal = journal;
        this.index = index;
        this.tree = tree;
        this.bundle = bundle;
        files = new LogFiles(settings.Directory);
        log = new NoteKey(settings.Origin, NoteKeyKind.Ed25519, key.PublicKey);
        Checkpoint = Sign();
    }

    public static string CheckpointPath(LogSettings settings) => Path.Combine(settings.StateDirectory, "checkpoint");

    /// <summary>What was published last.</summary>
    public SignedCheckpoint Checkpoint { get; private set; }

    public long Size => tree.Size;

    /// <summary>Where each leaf stands: where it stood already, or at the end.</summary>
    public async Task<long[]> AddAsync(IReadOnlyList<ReadOnlyMemory<byte>> leaves, CancellationToken cancellationToken)
    {
        var places = new long[leaves.Count];
        var entries = new List<ReadOnlyMemory<byte>>();
        var added = new Dictionary<Sha256Digest, long>();
        for (var i = 0; i < leaves.Count; i++)
        {
            var hash = MerkleHash.OfLeaf(leaves[i].Span);
            if (!added.TryGetValue(hash, out places[i]))
            {
                if (await FindAsync(hash, cancellationToken) is { } place)
                {
                    places[i] = place;
                    continue;
                }
                places[i] = Size + entries.Count;
                added.Add(hash, places[i]);
                entries.Add(leaves[i]);
            }
        }
        if (entries.Count > 0)
            Commit(entries, [.. added.Keys]);
        return places;
    }

    /// <summary>Kept below the checkpoint, where that is still the published one.</summary>
    public bool Keep(SignedCheckpoint signed, IEnumerable<NoteSignature> cosignatures)
    {
        if (signed.Note.Text != Checkpoint.Note.Text)
            return false;
        Publish(Checkpoint.With(cosignatures));
        return true;
    }

    /// <summary>Everything is in tiles on the disk; the journal starts again.</summary>
    /// <remarks>Of partial tiles only the newest count: <see cref="MendPartialTiles"/> writes older ones again.</remarks>
    public void Settle()
    {
        LogFiles.Sync(unsynced.Concat(EdgeTiles().Select(tile => files.PathOf(tile.Tile))));
        WriteState(settings, Sign());
        journal.Restart();
        unsynced.Clear();
    }

    /// <summary>Partial tiles of older checkpoints begin as the newest does. A power failure may have left others.</summary>
    internal void MendPartialTiles()
    {
        foreach (var (newest, content) in EdgeTiles())
        {
            foreach (var older in files.PartialTilesOf(newest).Where(older => older.Width < newest.Width))
            {
                var expected = content[..LogFiles.LengthOf(content, older)];
                if (!files.ReadTile(older).AsSpan().SequenceEqual(expected.Span))
                    files.WriteTile(older, expected.Span);
            }
        }
    }

    public void Dispose()
    {
        journal.Dispose();
        index.Dispose();
    }

    /// <summary>Writes the tiles of a record that the journal has. Of the same record always the same bytes.</summary>
    internal void Apply(JournalRecord record, IReadOnlyList<Sha256Digest> leafHashes)
    {
        var grown = tree.Copy();
        var grownBundle = new MemoryStream();
        bundle.WriteTo(grownBundle);
        var full = new List<TileAddress>();
        for (var i = 0; i < leafHashes.Count; i++)
        {
            EntryBundle.Append(grownBundle, record.Entries[i].Span);
            grown.Add(
                leafHashes[i],
                (tile, hashes) =>
                {
                    WriteHashes(tile, hashes);
                    full.Add(tile);
                }
            );
            if (grown.Size % TileAddress.FullWidth == 0)
            {
                full.Add(new TileAddress(TileAddress.Entries, (grown.Size >> TileAddress.Height) - 1, TileAddress.FullWidth));
                WriteTile(full[^1], grownBundle);
                grownBundle = new MemoryStream();
            }
        }
        if (grown.Root() != record.NewRoot)
            throw new LogException($"the journal of the log in {settings.StateDirectory} does not fit its tiles");
        foreach (var (tile, hashes) in grown.PartialTilesSince(record.OldSize))
            WriteHashes(tile, hashes);
        if (grownBundle.Length > 0)
            WriteTile(EntriesTile(grown.Size), grownBundle);
        (tree, bundle) = (grown, grownBundle);
        full.ForEach(files.RemovePartial);
    }

    /// <summary>Where the same checkpoint is there already, it keeps its cosignatures.</summary>
    internal void PublishAgain()
    {
        var signed = Sign();
        if (
            files.ReadCheckpoint() is { } bytes
            && SignedCheckpoint.Open(bytes, log) is var published
            && published.Note.Text == signed.Note.Text
        )
            Checkpoint = published;
        else
            Publish(signed);
    }

    internal static void WriteState(LogSettings settings, SignedCheckpoint checkpoint)
    {
        var path = CheckpointPath(settings);
        var beside = $"{path}.new";
        using (var file = PrivateFiles.Open(beside, FileMode.Create))
        {
            file.Write(checkpoint.ToBytes());
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
        DurableDirectory.Flush(settings.StateDirectory);
    }

    private void Commit(List<ReadOnlyMemory<byte>> entries, List<Sha256Digest> hashes)
    {
        var grown = tree.Copy();
        foreach (var hash in hashes)
            grown.Add(hash, static (_, _) => { });
        var record = new JournalRecord(tree.Size, grown.Root(), entries);
        journal.Append(record);
        Apply(record, hashes);
        Publish(Sign());
        index.Add(hashes);
        if (journal.Length > settings.MaxJournalLength || unsynced.Count > settings.MaxUnsyncedFiles)
            Settle();
    }

    private async Task<long?> FindAsync(Sha256Digest leafHash, CancellationToken cancellationToken)
    {
        foreach (var place in index.Candidates(leafHash))
        {
            if (await new TileTree(files, Size).LeafHashAsync(place, cancellationToken) == leafHash)
                return place;
        }
        return null;
    }

    private IEnumerable<(TileAddress Tile, ReadOnlyMemory<byte> Content)> EdgeTiles()
    {
        foreach (var (tile, hashes) in tree.PartialTilesSince(0))
            yield return (tile, HashTile.Write([.. hashes]));
        if (bundle.Length > 0)
            yield return (EntriesTile(tree.Size), bundle.ToArray());
    }

    private static TileAddress EntriesTile(long size) => TileAddress.InTree(TileAddress.Entries, size >> TileAddress.Height, size)!.Value;

    private SignedCheckpoint Sign() => SignedCheckpoint.Sign(new Checkpoint(settings.Origin, tree.Size, tree.Root()), log, key);

    private void Publish(SignedCheckpoint signed)
    {
        files.WriteCheckpoint(signed.ToBytes());
        Checkpoint = signed;
    }

    private void WriteHashes(TileAddress tile, IReadOnlyList<Sha256Digest> hashes) => WriteTile(tile, HashTile.Write([.. hashes]));

    private void WriteTile(TileAddress tile, MemoryStream content) => WriteTile(tile, content.GetBuffer().AsSpan(0, (int)content.Length));

    private void WriteTile(TileAddress tile, ReadOnlySpan<byte> content)
    {
        files.WriteTile(tile, content);
        if (tile.IsFull)
            unsynced.Add(files.PathOf(tile));
    }
}

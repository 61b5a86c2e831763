using Builder.Analysis.Deltas;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Protocol.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;
using Builder.Storage.Packing;
using Builder.Storage.Sweeping;

namespace Builder.Storage.Repacking;

/// <summary>
/// Stores contents smaller: as a patch of the content that an earlier build of the same job and platform has at the same path, or compressed alone. At each moment a
/// content is there in one form at least, so it may be cut off anywhere; the next pass goes on.
/// </summary>
public sealed class ContentPacker
{
    private const int RowsAtOnce = 100;

    private readonly BuilderDatabase database;
    private readonly DataDirectory directory;
    private readonly PackedArtifactStore store;
    private readonly DurableFiles files;
    private readonly TimeProvider clock;

    internal ContentPacker(
        BuilderDatabase database,
        DataDirectory directory,
        PackedArtifactStore store,
        DurableFiles files,
        TimeProvider clock
    )
    {
        this.database = database;
        this.directory = directory;
        this.store = store;
        this.files = files;
        this.clock = clock;
    }

    /// <summary>What packing saves now.</summary>
    public async Task<PackingTotals> TotalsAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await PackingRows.TotalsAsync(session, cancellationToken);
    }

    /// <summary>One pass over all contents; those of the newest builds stay as they are.</summary>
    /// <param name="isDryRun">Works out what it would save, and stores nothing.</param>
    /// <param name="progress">Told after each content.</param>
    /// <returns>Null where another process packs or unpacks.</returns>
    /// <exception cref="IOException">The data directory cannot be written.</exception>
    public async Task<PackReport?> PackAsync(bool isDryRun, IProgress<PackReport>? progress, CancellationToken cancellationToken)
    {
        using var alone = isDryRun ? null : TryLock();
        if (alone is null && !isDryRun)
            return null;
        HashSet<Sha256Digest> hot;
        List<(Values.JobId Job, string Platform)> places;
        PackReport report;
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            hot = await PackingRows.HotAsync(session, Timestamp.Now(clock), cancellationToken);
            places = await PackingRows.PlacesAsync(session, cancellationToken);
            report = new PackReport(await PackingRows.CountAsync(session, cancellationToken));
        }
        if (!isDryRun)
        {
            await RestoreAsync(hot, cancellationToken);
            await RemoveWholesAsync(hot, cancellationToken);
        }
        var looked = new HashSet<Sha256Digest>(hot);
        using var staging = isDryRun ? null : Staging.Create(directory, files);
        foreach (var (job, platform) in places)
        {
            List<PackingRows.Content> contents;
            await using (var session = await database.OpenReadAsync(cancellationToken))
                contents = await PackingRows.ContentsAsync(session, job, platform, cancellationToken);
            foreach (var series in contents.GroupBy(content => content.Path))
                report = await PackSeriesAsync(series, looked, staging, report, progress, cancellationToken);
            if (!isDryRun)
                await RemoveWholesAsync(hot, cancellationToken);
        }
        staging?.Delete();
        return report;
    }

    /// <summary>Stores every content as it is again, and forgets packed forms. It needs room for all of them.</summary>
    /// <param name="progress">Told how many contents are there again.</param>
    /// <returns>How many; null where another process packs or unpacks.</returns>
    /// <exception cref="IOException">The data directory has not enough room, or a content cannot be made from its packed form.</exception>
    public async Task<long?> UnpackAsync(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            if (!await session.AnyAsync("SELECT 1 FROM packed_content LIMIT 1", cancellationToken))
                return 0;
        }
        using var alone = TryLock();
        if (alone is null)
            return null;
        var needed = await RoomToUnpackAsync(cancellationToken);
        if (new DriveInfo(directory.Root).AvailableFreeSpace is var free && free < needed)
            throw new IOException(
                $"{directory.Root} has {free} bytes free, the unpacked contents need {needed}: make room, or remove builds (builder db vacuum), and unpack again"
            );
        var done = 0L;
        using var staging = Staging.Create(directory, files);
        await foreach (var content in PackedAsync(cancellationToken))
        {
            if (!content.IsWhole)
                await RestoreOrExplainAsync(content, staging, cancellationToken);
            done++;
            progress?.Report(done);
        }
        staging.Delete();
        // Only now: until here each patch may be the base of another.
        await ForgetAllAsync(cancellationToken);
        return done;
    }

    /// <summary>Bytes that unpacking adds before it can remove the first packed form.</summary>
    public async Task<long> RoomToUnpackAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.IntegerAsync(
            "SELECT COALESCE(SUM(size), 0) FROM packed_content WHERE object IS NOT NULL AND whole = 0",
            cancellationToken
        );
    }

    private async Task<PackReport> PackSeriesAsync(
        IEnumerable<PackingRows.Content> series,
        HashSet<Sha256Digest> looked,
        Staging? staging,
        PackReport report,
        IProgress<PackReport>? progress,
        CancellationToken cancellationToken
    )
    {
        using var before = new PreviousContent(store.Rebuilder);
        var seen = new HashSet<Sha256Digest>();
        foreach (var content in series)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!seen.Add(content.Digest))
                continue;
            if (content.IsPacked || !looked.Add(content.Digest))
            {
                if (content.Size is >= PackingChoice.MinSize and <= NativeBytes.MaxLength)
                    before.Set(content.Digest, content.Depth, null);
                continue;
            }
            if (content.Size is < PackingChoice.MinSize or > NativeBytes.MaxLength)
            {
                report = report.Add(PackedForm.AsItIs, content.Size, content.Size);
                if (staging is not null)
                    await NoteAsItIsAsync(content, cancellationToken);
                continue;
            }
            try
            {
                report = await PackAsync(content, before, staging, report, cancellationToken);
            }
            catch (Exception exception) when (exception is DamagedContentException or BrokenPackingException or InvalidDataException)
            {
                report = report with { Unreadable = report.Unreadable + 1 };
            }
            progress?.Report(report);
        }
        return report;
    }

    private async Task<PackReport> PackAsync(
        PackingRows.Content content,
        PreviousContent before,
        Staging? staging,
        PackReport report,
        CancellationToken cancellationToken
    )
    {
        var bytes = await store.Rebuilder.ReadAsync(content.Digest, cancellationToken);
        try
        {
            var mayBeDelta = before.Depth < PackedContent.MaxDepth && !await IsBaseAsync(content.Digest, cancellationToken);
            var baseBytes = mayBeDelta ? await before.ReadAsync(cancellationToken) : null;
            var baseDigest = before.Digest;
            // Not cancelled: it works on memory that must stay until it is through.
            using var choice = await BackgroundThread.RunAsync(
                "pack",
                () => PackingChoice.Make(bytes, content.Digest, baseBytes, baseDigest)
            );
            cancellationToken.ThrowIfCancellationRequested();
            var depth = choice.Form == PackedForm.Delta ? before.Depth + 1 : 0;
            if (staging is not null)
            {
                if (choice.Packed is null)
                    await NoteAsItIsAsync(content, cancellationToken);
                else
                    await StoreAsync(content, choice, depth, baseDigest, staging, cancellationToken);
            }
            before.Set(content.Digest, depth, bytes);
            return report.Add(choice.Form, content.Size, choice.Packed?.Length ?? content.Size);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private async Task StoreAsync(
        PackingRows.Content content,
        PackingChoice choice,
        int depth,
        Sha256Digest baseDigest,
        Staging staging,
        CancellationToken cancellationToken
    )
    {
        var packed = choice.Packed!;
        var row = new PackedContent(
            content.Digest,
            Sha256Digest.Of(packed.Span),
            choice.Form == PackedForm.Delta ? baseDigest : null,
            depth,
            content.Size,
            packed.Length,
            IsWhole: true
        );
        var file = await WriteAsync(staging, packed, cancellationToken);
        // A pass that is cut off between the file and its row leaves a file that the next sweep removes.
        await database.WriteQuietlyAsync(
            async session =>
            {
                await PackedRows.NoteRemovalAsync(session, row.Object!.Value, cancellationToken);
                return true;
            },
            cancellationToken
        );
        files.Step("packed form noted");
        await database.WriteQuietlyAsync(
            async session =>
            {
                if (!await MayBePackedAsync(session, row, cancellationToken))
                    return false;
                await store.Stored.PublishAsync(file, row.Object!.Value, cancellationToken);
                await PackedRows.InsertAsync(session, row, cancellationToken);
                await session.ExecuteAsync(
                    "DELETE FROM pending_removal WHERE sha256 = @digest",
                    cancellationToken,
                    ("@digest", row.Object)
                );
                files.Step("commit packed form");
                return true;
            },
            cancellationToken
        );
        files.Step("packed form committed");
    }

    /// <summary>Builds may have been removed, and others have packed, since the tables were read.</summary>
    private async Task<bool> MayBePackedAsync(DatabaseSession session, PackedContent row, CancellationToken cancellationToken)
    {
        if (
            !await PackedRows.IsNeededAsync(session, row.Digest, cancellationToken)
            || await PackedRows.FindAsync(session, row.Digest, cancellationToken) is not null
            // A content that is the packed form of another must stay as it is, and the other way round.
            || await PackedRows.FindByObjectAsync(session, row.Digest, cancellationToken) is not null
            || await PackedRows.FindAsync(session, row.Object!.Value, cancellationToken) is not null
        )
            return false;
        if (row.Base is not { } before)
            return true;
        if ((await PackedRows.OfBaseAsync(session, row.Digest, cancellationToken)).Count > 0)
            return false;
        return await PackedRows.FindAsync(session, before, cancellationToken) is { Object: { } packed } known
            ? known.Depth + 1 == row.Depth && await store.Stored.ExistsAsync(packed, cancellationToken)
            : row.Depth == 1 && await store.Stored.ExistsAsync(before, cancellationToken);
    }

    private Task<int> NoteAsItIsAsync(PackingRows.Content content, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            async session =>
                await PackedRows.IsNeededAsync(session, content.Digest, cancellationToken)
                    ? await PackedRows.InsertAsync(
                        session,
                        new PackedContent(content.Digest, null, null, 0, content.Size, content.Size, IsWhole: true),
                        cancellationToken
                    )
                    : 0,
            cancellationToken
        );

    /// <summary>A patch of a patch of it would make the chain longer than its rows say.</summary>
    private async Task<bool> IsBaseAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return (await PackedRows.OfBaseAsync(session, digest, cancellationToken)).Count > 0;
    }

    /// <summary>Removes contents whose packed forms are there for good. While a backup or a hook runs the files stay, for a later pass.</summary>
    private async Task RemoveWholesAsync(HashSet<Sha256Digest> hot, CancellationToken cancellationToken)
    {
        using var noBackup = BackupLock.TryTake(directory, isBackup: false);
        if (noBackup is null)
            return;
        Sha256Digest? last = null;
        int count;
        do
        {
            // The lock is let go between, for uploads.
            count = await database.WriteQuietlyAsync(
                async session =>
                {
                    var some = await PackedRows.WholeAsync(session, last, RowsAtOnce, cancellationToken);
                    foreach (var content in some)
                    {
                        last = content.Digest;
                        if (hot.Contains(content.Digest) || !await store.Stored.ExistsAsync(content.Object!.Value, cancellationToken))
                            continue;
                        await store.Stored.RemoveAsync(content.Digest, cancellationToken);
                        await PackedRows.SetWholeAsync(session, content.Digest, isWhole: false, cancellationToken);
                    }
                    files.Step("commit removal of whole contents");
                    return some.Count;
                },
                cancellationToken
            );
        } while (count == RowsAtOnce);
    }

    /// <summary>What the newest builds have is read most: it is stored as it is, where an older build had it and it was packed.</summary>
    private async Task RestoreAsync(HashSet<Sha256Digest> digests, CancellationToken cancellationToken)
    {
        var packed = new List<PackedContent>();
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            foreach (var digest in digests)
            {
                if (await PackedRows.FindAsync(session, digest, cancellationToken) is { Object: not null, IsWhole: false } content)
                    packed.Add(content);
            }
        }
        if (packed.Count == 0)
            return;
        using var staging = Staging.Create(directory, files);
        foreach (var content in packed)
        {
            try
            {
                await RestoreAsync(content, staging, cancellationToken);
            }
            catch (BrokenPackingException)
            {
                // Who reads it is told; the others are packed all the same.
            }
        }
        staging.Delete();
    }

    private async Task RestoreOrExplainAsync(PackedContent content, Staging staging, CancellationToken cancellationToken)
    {
        try
        {
            await RestoreAsync(content, staging, cancellationToken);
        }
        catch (BrokenPackingException exception)
        {
            throw new IOException(
                $"the content with SHA-256 {content.Digest} cannot be unpacked: {exception.Message}. Restore it from a backup, or remove the builds that have it (builder db verify-data-dir lists them); all packed forms stay until then",
                exception
            );
        }
    }

    private async Task RestoreAsync(PackedContent content, Staging staging, CancellationToken cancellationToken)
    {
        using var bytes =
            await store.Rebuilder.RebuildAsync(content.Digest, cancellationToken)
            ?? throw new BrokenPackingException(content.Digest, $"the content with SHA-256 {content.Digest} is missing");
        await RestoreAsync(content, bytes, staging, cancellationToken);
    }

    private async Task RestoreAsync(PackedContent content, NativeBytes bytes, Staging staging, CancellationToken cancellationToken)
    {
        var file = await WriteAsync(staging, bytes, cancellationToken);
        await database.WriteQuietlyAsync(
            async session =>
            {
                if (await PackedRows.FindAsync(session, content.Digest, cancellationToken) is null)
                    return false;
                await store.Stored.PublishAsync(file, content.Digest, cancellationToken);
                await PackedRows.SetWholeAsync(session, content.Digest, isWhole: true, cancellationToken);
                files.Step("commit whole content");
                return true;
            },
            cancellationToken
        );
    }

    private async Task ForgetAllAsync(CancellationToken cancellationToken)
    {
        using (
            BackupLock.TryTake(directory, isBackup: false)
                ?? throw new IOException(
                    "A backup or a hook reads the files: the contents are there again, run it once more to remove the packed forms."
                )
        )
        {
            int count;
            do
            {
                count = await database.WriteQuietlyAsync(
                    async session =>
                    {
                        var some = await PackedRows.WholeAsync(session, null, RowsAtOnce, cancellationToken);
                        foreach (var content in some)
                            await PackedRows.ForgetAsync(session, store.Stored, content, cancellationToken);
                        files.Step("commit removal of packed forms");
                        return some.Count;
                    },
                    cancellationToken
                );
            } while (count > 0);
        }
        await new FileSweeper(database, directory, store, new DirectoryBuildFiles(directory, files)).SweepAsync(cancellationToken);
        await database.WriteQuietlyAsync(
            session => session.ExecuteAsync("DELETE FROM packed_content WHERE object IS NULL", cancellationToken),
            cancellationToken
        );
    }

    private async IAsyncEnumerable<PackedContent> PackedAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        Sha256Digest? last = null;
        List<PackedContent> some;
        do
        {
            await using (var session = await database.OpenReadAsync(cancellationToken))
                some = await PackedRows.AfterAsync(session, last, RowsAtOnce, cancellationToken);
            foreach (var content in some)
            {
                last = content.Digest;
                yield return content;
            }
        } while (some.Count == RowsAtOnce);
    }

    private async Task<string> WriteAsync(Staging staging, NativeBytes bytes, CancellationToken cancellationToken)
    {
        var path = staging["content"];
        files.DeleteFile(path);
        await using var file = files.Create(path);
        file.Write(bytes.Span);
        await files.FlushAsync(file, cancellationToken);
        return path;
    }

    /// <summary>Several at once would only do the same work twice.</summary>
    private FileStream? TryLock()
    {
        try
        {
            return PrivateFiles.Open(Path.Combine(directory.Root, "_pack.lock"), FileMode.OpenOrCreate, share: FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

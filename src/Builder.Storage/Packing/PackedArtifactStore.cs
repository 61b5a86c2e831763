using Builder.Analysis.Deltas;
using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Files;

namespace Builder.Storage.Packing;

/// <summary>
/// Contents of artifacts, whether they are stored as they are or packed. Over any store: packed forms are contents of that store by their own hash, and rows say of which
/// content they are.
/// </summary>
internal sealed class PackedArtifactStore : IArtifactStore, IDerivedContents, IDisposable
{
    /// <summary>Each holds two contents in memory.</summary>
    private const int MaxRebuilds = 2;

    /// <summary>Smaller ones are given out from memory, without a file.</summary>
    private const int MaxInMemory = 1 << 20;

    private const int MaxAttempts = 3;

    private readonly BuilderDatabase database;
    private readonly ContentCheck check;
    private readonly UnpackedFiles unpacked;
    private readonly SemaphoreSlim rebuilds = new(MaxRebuilds);

    public PackedArtifactStore(
        BuilderDatabase database,
        DataDirectory directory,
        IArtifactStore stored,
        ContentCheck check,
        TimeProvider clock
    )
    {
        this.database = database;
        this.check = check;
        Stored = stored;
        Rebuilder = new ContentRebuilder(database, stored);
        unpacked = new UnpackedFiles(directory, check, clock);
    }

    /// <summary>What is stored as it is: contents and packed forms, by their own hash.</summary>
    public IArtifactStore Stored { get; }

    public ContentRebuilder Rebuilder { get; }

    public void Dispose() => rebuilds.Dispose();

    public async ValueTask<StoredContent?> OpenAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (
                await Stored.OpenAsync(digest, cancellationToken) is { } content
                || (content = await OpenPackedAsync(digest, cancellationToken)) is not null
            )
                return content;
            // It may just have been packed or unpacked by another process: then it was in neither form where it was looked for.
            if (attempt == MaxAttempts || !await IsPackedAsync(digest, cancellationToken))
                return null;
        }
    }

    /// <summary>A damaged one does not count: an upload of the same content replaces it.</summary>
    public async ValueTask<bool> ExistsAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        if (await Stored.ExistsAsync(digest, cancellationToken))
            return true;
        if (check.Damaged.Contains(digest))
            return false;
        await using var session = await database.OpenReadAsync(cancellationToken);
        for (var (next, depth) = (digest, 0); depth <= PackedContent.MaxDepth; depth++)
        {
            if (
                await PackedRows.FindAsync(session, next, cancellationToken) is not { Object: { } packed } content
                || !await Stored.ExistsAsync(packed, cancellationToken)
            )
                return false;
            if (content.Base is not { } before || await Stored.ExistsAsync(before, cancellationToken))
                return true;
            next = before;
        }
        return false;
    }

    public bool IsRemote => Stored.IsRemote;

    public async ValueTask PrepareAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken)
    {
        if (Stored.IsRemote)
            await PublishAsync(stagedFile, digest, cancellationToken);
    }

    public async ValueTask PublishAsync(string stagedFile, Sha256Digest digest, CancellationToken cancellationToken)
    {
        if (!await Stored.ExistsAsync(digest, cancellationToken) && await ExistsAsync(digest, cancellationToken))
            return;
        await Stored.PublishAsync(stagedFile, digest, cancellationToken);
    }

    /// <summary>Not its packed form, which is a content of its own: see <see cref="PackedRows.RemoveAsync"/>.</summary>
    public async ValueTask RemoveAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await Stored.RemoveAsync(digest, cancellationToken);
        unpacked.Remove(digest);
        check.Forget(digest);
    }

    /// <summary>Something is damaged: what is made from it is, too.</summary>
    /// <param name="damaged">A content, or a packed form.</param>
    public async Task NameDependentsAsync(Sha256Digest damaged, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var next = new Queue<Sha256Digest>();
        if (await PackedRows.FindByObjectAsync(session, damaged, cancellationToken) is { IsWhole: false } packed)
        {
            check.Report(packed.Digest, $"its packed form with SHA-256 {damaged} is damaged");
            next.Enqueue(packed.Digest);
        }
        else if (await PackedRows.FindAsync(session, damaged, cancellationToken) is null or { Object: null } or { IsWhole: false })
        {
            next.Enqueue(damaged);
        }
        while (next.TryDequeue(out var before))
        {
            foreach (var dependent in await PackedRows.OfBaseAsync(session, before, cancellationToken))
            {
                next.Enqueue(dependent.Digest);
                if (!dependent.IsWhole)
                    check.Report(dependent.Digest, $"it is stored as a patch of the content with SHA-256 {before}, which is damaged");
            }
        }
    }

    public async Task CheckAgainAsync(Sha256Digest damaged, CancellationToken cancellationToken)
    {
        try
        {
            await using (var session = await database.OpenReadAsync(cancellationToken))
            {
                if (await PackedRows.FindAsync(session, damaged, cancellationToken) is not { Object: not null, IsWhole: false })
                    return;
            }
            if (await RebuildAsync(damaged, cancellationToken) is { } content)
            {
                content.Dispose();
                check.Forget(damaged);
            }
        }
        catch (BrokenPackingException)
        {
            // It still is.
        }
    }

    private async Task<NativeBytes?> RebuildAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await rebuilds.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Rebuilder.RebuildAsync(digest, cancellationToken), cancellationToken);
        }
        finally
        {
            rebuilds.Release();
        }
    }

    private async ValueTask<StoredContent?> OpenPackedAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        if (!await IsPackedAsync(digest, cancellationToken))
            return null;
        if (await unpacked.OpenAsync(digest, cancellationToken) is { } kept)
            return kept;
        await rebuilds.WaitAsync(cancellationToken);
        try
        {
            // Others may have waited for the same.
            if (await unpacked.OpenAsync(digest, cancellationToken) is { } made)
                return made;
            var content = await Task.Run(() => Rebuilder.RebuildAsync(digest, cancellationToken), cancellationToken);
            if (content is null)
                return null;
            check.Forget(digest);
            var length = content.Length;
            if (length <= MaxInMemory || !TryKeep(digest, content))
                return new StoredContent(content.OpenStream(), length);
            content.Dispose();
            return await unpacked.OpenAsync(digest, cancellationToken) ?? throw new IOException($"the unpacked content {digest} is gone");
        }
        catch (BrokenPackingException exception)
        {
            await NameDependentsAsync(exception.Faulty, cancellationToken);
            throw check.Report(digest, exception.Message);
        }
        finally
        {
            rebuilds.Release();
        }
    }

    /// <returns>False where the disk has no room: then it is given out from memory.</returns>
    private bool TryKeep(Sha256Digest digest, NativeBytes content)
    {
        try
        {
            unpacked.Add(digest, content);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task<bool> IsPackedAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await PackedRows.FindAsync(session, digest, cancellationToken) is { Object: not null };
    }
}

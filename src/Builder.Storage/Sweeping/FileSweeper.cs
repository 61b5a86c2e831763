using Builder.Analysis.Values;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Packing;

namespace Builder.Storage.Sweeping;

/// <summary>Deletes the files of removed builds, holding the write lock, so that no upload comes to need one while it goes.</summary>
public sealed class FileSweeper
{
    private const int FilesAtOnce = 100;

    private readonly BuilderDatabase database;
    private readonly DataDirectory directory;
    private readonly IArtifactStore store;
    private readonly IBuildFiles buildFiles;

    internal FileSweeper(BuilderDatabase database, DataDirectory directory, IArtifactStore store, IBuildFiles buildFiles)
    {
        this.database = database;
        this.directory = directory;
        this.store = store;
        this.buildFiles = buildFiles;
    }

    /// <summary>Goes on where an earlier sweep was cut off. While a backup runs the files stay, for a later sweep.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (!await IsAnythingPendingAsync(cancellationToken))
            return;
        using var noBackup = BackupLock.TryTake(directory, isBackup: false);
        if (noBackup is null)
            return;
        while (await database.WriteAsync(session => SweepSomeAsync(session, cancellationToken), cancellationToken) > 0)
        {
            // The lock is let go between, for uploads. A patch that goes may be the last that needed its base.
        }
    }

    internal static async Task NoteAsync(
        DatabaseSession session,
        string buildDirectory,
        IEnumerable<Sha256Digest> digests,
        CancellationToken cancellationToken
    )
    {
        await session.ExecuteAsync(
            "INSERT INTO pending_removal (directory) VALUES (@directory) ON CONFLICT DO NOTHING",
            cancellationToken,
            ("@directory", buildDirectory)
        );
        foreach (var digest in digests)
        {
            if (!await PackedRows.IsNeededAsync(session, digest, cancellationToken))
                await PackedRows.NoteRemovalAsync(session, digest, cancellationToken);
        }
    }

    /// <summary>A content that no build has any more, and that is there only until a backup is through.</summary>
    internal static Task<bool> IsPendingAsync(DatabaseSession session, Sha256Digest digest, CancellationToken cancellationToken) =>
        session.AnyAsync("SELECT 1 FROM pending_removal WHERE sha256 = @digest", cancellationToken, ("@digest", digest));

    /// <param name="buildDirectory">Relative to the data directory.</param>
    internal static Task<bool> IsPendingAsync(DatabaseSession session, string buildDirectory, CancellationToken cancellationToken) =>
        session.AnyAsync("SELECT 1 FROM pending_removal WHERE directory = @directory", cancellationToken, ("@directory", buildDirectory));

    private async Task<bool> IsAnythingPendingAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.AnyAsync("SELECT 1 FROM pending_removal LIMIT 1", cancellationToken);
    }

    private async Task<int> SweepSomeAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var pending = await session.QueryAsync(
            "SELECT id, sha256, directory FROM pending_removal ORDER BY id LIMIT @count",
            static row => (Id: row.Integer(0), Digest: row.DigestOrNull(1), Folder: row.TextOrNull(2)),
            cancellationToken,
            ("@count", FilesAtOnce)
        );
        foreach (var (id, digest, folder) in pending)
        {
            if (digest is { } content && !await PackedRows.IsNeededAsync(session, content, cancellationToken))
                await PackedRows.RemoveAsync(session, store, content, cancellationToken);
            if (folder is not null)
                await buildFiles.RemoveAsync(folder, cancellationToken);
            await session.ExecuteAsync("DELETE FROM pending_removal WHERE id = @id", cancellationToken, ("@id", id));
        }
        return pending.Count;
    }
}

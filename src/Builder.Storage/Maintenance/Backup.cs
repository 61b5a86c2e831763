using Builder.Protocol;
using Builder.Storage.Artifacts;
using Builder.Storage.Database;
using Builder.Storage.Migrations;
using Microsoft.Data.Sqlite;

namespace Builder.Storage.Maintenance;

/// <summary>
/// Copies everything into another directory, while the web process goes on: the tables at one moment, then every file they need, which
/// nobody deletes meanwhile. The result is a data directory that can be served. Done again into the same place it copies what is new and, unless
/// that is to stay, removes what the source no longer has: so the copy verifies clean and does not grow for ever.
/// </summary>
public sealed class Backup
{
    /// <summary>Tells a directory that backups are made to from one that is served: only the former is written over.</summary>
    private const string Mark = "_backup";

    private readonly BuilderStorage storage;
    private readonly DataDirectory target;
    private readonly IProgress<string> progress;
    private readonly bool keepRemoved;
    private readonly DurableFiles files = new();

    /// <param name="keepRemoved">Files of builds that the source no longer has stay in the backup.</param>
    public Backup(BuilderStorage storage, string targetDirectory, IProgress<string> progress, bool keepRemoved = false)
    {
        this.keepRemoved = keepRemoved;
        this.storage = storage;
        this.progress = progress;
        target = new DataDirectory(targetDirectory);
    }

    private string Tables => Path.Combine(target.Root, "builder.sqlite3");

    private string PartialTables => Tables + ".partial";

    /// <returns>How many files were copied, and their bytes; how many were removed.</returns>
    /// <exception cref="IOException">Files are just being deleted, a file that the tables need is missing, or the target is no backup.</exception>
    public async Task<(long Files, long Bytes, long Removed)> RunAsync(CancellationToken cancellationToken)
    {
        if (target.Root == storage.Directory.Root || target.Root.StartsWith(storage.Directory.Root + "/", StringComparison.Ordinal))
            throw new IOException($"{target.Root} is the data directory itself, or inside it: give another place for the backup.");
        using var noSweeping = BackupLock.TryTake(storage.Directory, isBackup: true)
            ?? throw new IOException($"Files of removed builds are just being deleted from {storage.Directory.Root}: try again in a moment.");
        files.CreateDirectory(target.Root);
        MarkTarget();
        files.CreateDirectory(target.Staging);
        files.CreateDirectory(target.Artifacts);
        progress.Report("tables");
        await CopyTablesAsync(cancellationToken);
        progress.Report("artifacts");
        var artifacts = await CopyArtifactsAsync(cancellationToken);
        progress.Report("scripts and consoles");
        var builds = await CopyBuildsAsync(cancellationToken);
        // From here on the backup is the new one; what it does not need is removed after, so that it is whole whenever this ends.
        files.Move(PartialTables, Tables);
        if (keepRemoved)
            return (artifacts.Files + builds.Files, artifacts.Bytes + builds.Bytes, 0);
        progress.Report("what was removed");
        return (artifacts.Files + builds.Files, artifacts.Bytes + builds.Bytes, await PruneAsync(cancellationToken));
    }

    private void MarkTarget()
    {
        var mark = Path.Combine(target.Root, Mark);
        if (File.Exists(mark))
            return;
        if (File.Exists(Tables))
            throw new IOException($"{target.Root} holds a database that no backup made: give another directory. (If it is a backup of old, create the empty file {mark}.)");
        files.Create(mark).Dispose();
    }

    /// <summary>Only what has the name of an artifact or of a build can go; whatever else is there is the operator's.</summary>
    private async Task<long> PruneAsync(CancellationToken cancellationToken)
    {
        var removed = 0L;
        await using var connection = await OpenAsync(Tables, cancellationToken);
        foreach (var file in Directory.EnumerateFiles(target.Artifacts, "*", SearchOption.AllDirectories))
        {
            if (!Sha256Digest.TryParse(Path.GetFileName(file), out var digest) || file != target.OfArtifact(digest)
                || await IsThereAsync(connection, "SELECT 1 FROM build_artifact WHERE sha256 = @value LIMIT 1", digest.ToByteArray(), cancellationToken))
            {
                continue;
            }
            files.DeleteFile(file);
            removed++;
        }
        foreach (var job in Directory.EnumerateDirectories(target.Root).Where(folder => !Path.GetFileName(folder).StartsWith('_')))
        {
            foreach (var folder in Directory.EnumerateDirectories(job))
            {
                var name = $"{Path.GetFileName(job)}/{Path.GetFileName(folder)}";
                if (!BuildUuid.TryParse(Path.GetFileName(folder), out var uuid)
                    || await IsThereAsync(connection, "SELECT 1 FROM build JOIN job ON job.id = build.job WHERE build.uuid = @value AND job.name || '/' || build.uuid = @folder", uuid.ToString(), cancellationToken, name))
                {
                    continue;
                }
                files.DeleteDirectory(folder);
                removed++;
            }
            files.DeleteDirectoryIfEmpty(job);
        }
        return removed;
    }

    private static async Task<bool> IsThereAsync(SqliteConnection connection, string sql, object value, CancellationToken cancellationToken, string? folder = null)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("@value", value);
        if (folder is not null)
            command.Parameters.AddWithValue("@folder", folder);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static async Task<SqliteConnection> OpenAsync(string file, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private async Task CopyTablesAsync(CancellationToken cancellationToken)
    {
        foreach (var leftover in new[] { PartialTables, PartialTables + "-wal", PartialTables + "-shm", PartialTables + "-journal" })
            files.DeleteFile(leftover);
        if (storage.Database.Engine == DatabaseEngine.PostgreSql)
        {
            await CopyFromPostgreSqlAsync(cancellationToken);
            return;
        }
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        await session.ExecuteAsync("VACUUM INTO @file", cancellationToken, ("@file", PartialTables));
        await files.FlushAsync(PartialTables, cancellationToken);
    }

    private async Task CopyFromPostgreSqlAsync(CancellationToken cancellationToken)
    {
        var settings = new DatabaseSettings(target.Staging);
        files.DeleteFile(settings.SqlitePath);
        await new Migrator(settings, progress).MigrateAsync(cancellationToken);
        await using (var copy = await BuilderDatabase.OpenAsync(settings, cancellationToken))
            await DatabaseCopy.CopyAsync(storage.Database, copy, progress, cancellationToken);
        files.DeleteDirectory(Path.Combine(target.Staging, "_artifacts"));
        files.DeleteDirectory(Path.Combine(target.Staging, "_staging"));
        files.Move(settings.SqlitePath, PartialTables);
    }

    private async Task<(long Files, long Bytes)> CopyArtifactsAsync(CancellationToken cancellationToken)
    {
        var count = 0L;
        var bytes = 0L;
        await foreach (var row in RowsAsync("SELECT DISTINCT hex(sha256) FROM build_artifact", cancellationToken))
        {
            var digest = Sha256Digest.Parse(row);
            var copied = await CopyAsync(storage.Directory.OfArtifact(digest), target.OfArtifact(digest), cancellationToken);
            (count, bytes) = (count + (copied is null ? 0 : 1), bytes + (copied ?? 0));
        }
        return (count, bytes);
    }

    private async Task<(long Files, long Bytes)> CopyBuildsAsync(CancellationToken cancellationToken)
    {
        var count = 0L;
        var bytes = 0L;
        await foreach (var folder in RowsAsync("SELECT job.name || '/' || build.uuid FROM build JOIN job ON job.id = build.job", cancellationToken))
        {
            var source = storage.Directory.Resolve(folder);
            foreach (var path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                var copied = await CopyAsync(path, Path.Combine(target.Resolve(folder), Path.GetRelativePath(source, path)), cancellationToken);
                (count, bytes) = (count + (copied is null ? 0 : 1), bytes + (copied ?? 0));
            }
        }
        return (count, bytes);
    }

    /// <summary>The copied tables are read, so that what came in since does not matter.</summary>
    private async IAsyncEnumerable<string> RowsAsync(string sql, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(PartialTables, cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return reader.GetString(0);
    }

    /// <summary>The bytes copied; null where the file was there. Contents and builds never change once they are complete.</summary>
    private async Task<long?> CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        if (File.Exists(to) && new FileInfo(to).Length == new FileInfo(from).Length)
            return null;
        files.CreateDirectory(Path.GetDirectoryName(to)!);
        var partial = Path.Combine(target.Staging, "copy.partial");
        files.DeleteFile(partial);
        long length;
        await using (var input = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete))
        await using (var output = files.Create(partial))
        {
            await input.CopyToAsync(output, cancellationToken);
            await files.FlushAsync(output, cancellationToken);
            length = output.Length;
        }
        files.Move(partial, to);
        return length;
    }
}

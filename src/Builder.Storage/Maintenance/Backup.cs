using System.Buffers;
using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Ingestion;
using Builder.Storage.Migrations;
using Builder.Storage.Sweeping;
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

    private const int Piece = 256 * 1024;

    /// <summary>
    /// Contents as they are stored, with their size: those that are not packed, packed forms, and whole contents that packed forms are made from, of which nobody
    /// may have kept the size. A content that is there packed and whole is copied packed.
    /// </summary>
    private const string Stored = """
        SELECT hex(sha256), MAX(size)
        FROM build_artifact
        WHERE NOT EXISTS (SELECT 1 FROM packed_content WHERE packed_content.sha256 = build_artifact.sha256 AND object IS NOT NULL)
        GROUP BY sha256
        UNION ALL
        SELECT hex(object), packed_size
        FROM packed_content
        WHERE object IS NOT NULL
        UNION ALL
        SELECT DISTINCT hex(base), NULL
        FROM packed_content AS patch
        WHERE base IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM packed_content WHERE packed_content.sha256 = patch.base AND object IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM build_artifact WHERE build_artifact.sha256 = patch.base)
        """;

    /// <summary>Whether a content is one of those.</summary>
    private const string Needed = """
        SELECT 1
        FROM build_artifact
        WHERE sha256 = @value
            AND NOT EXISTS (SELECT 1 FROM packed_content WHERE packed_content.sha256 = @value AND object IS NOT NULL)
        UNION ALL
        SELECT 1
        FROM packed_content
        WHERE object = @value
        UNION ALL
        SELECT 1
        FROM packed_content
        WHERE base = @value
            AND NOT EXISTS (SELECT 1 FROM packed_content AS known WHERE known.sha256 = @value AND known.object IS NOT NULL)
        LIMIT 1
        """;

    /// <summary>What SQLite keeps beside a database while it is open.</summary>
    private static readonly string[] Logs = ["-wal", "-shm", "-journal"];

    private readonly BuilderStorage storage;
    private readonly DataDirectory target;
    private readonly IProgress<string> progress;
    private readonly bool keepRemoved;
    private readonly bool keepTokens;
    private readonly DurableFiles files = new();
    private readonly List<string> damaged = [];
    private long copiedCount;
    private long copiedBytes;
    private long removedCount;

    /// <param name="keepRemoved">Files of builds that the source no longer has stay in the backup.</param>
    /// <param name="keepTokens">API tokens are copied too. Sessions and one-time links never are.</param>
    public Backup(
        BuilderStorage storage,
        string targetDirectory,
        IProgress<string> progress,
        bool keepRemoved = false,
        bool keepTokens = false
    )
    {
        this.keepTokens = keepTokens;
        this.keepRemoved = keepRemoved;
        this.storage = storage;
        this.progress = progress;
        target = new DataDirectory(targetDirectory);
    }

    private string Tables => Path.Combine(target.Root, "builder.sqlite3");

    private string PartialTables => Tables + ".partial";

    /// <summary>A file that is missing or damaged keeps no other from being copied; what an earlier backup has of it stays.</summary>
    /// <exception cref="IOException">Files are just being deleted, the target is no backup, or one is being made there.</exception>
    public async Task<BackupReport> RunAsync(CancellationToken cancellationToken)
    {
        if (storage.Bucket is { Address: var address })
            throw new IOException(
                $"The artifacts are in {address}: copy the bucket with its own tools and the database with pg_dump (docs/scale.md), or copy all to the data directory with \"builder db copy --to-artifacts directory\"."
            );
        if (target.Root == storage.Directory.Root || target.Root.StartsWith(storage.Directory.Root + "/", StringComparison.Ordinal))
            throw new IOException($"{target.Root} is the data directory itself, or inside it: give another place for the backup.");
        using var noSweeping =
            BackupLock.TryTake(storage.Directory, isBackup: true)
            ?? throw new IOException(
                $"Files of removed builds are just being deleted from {storage.Directory.Root}: try again in a moment."
            );
        files.CreateDirectory(target.Root);
        using var marked = MarkTarget();
        files.CreateDirectory(target.Artifacts);
        foreach (var leftover in Staging.Abandoned(target, files))
        {
            using (leftover)
                leftover.Delete();
        }
        using var staging = Staging.Create(target, files);
        progress.Report("tables");
        await CopyTablesAsync(staging, cancellationToken);
        await LeaveOutSecretsAsync(cancellationToken);
        progress.Report("artifacts");
        await CopyArtifactsAsync(staging, cancellationToken);
        await SettlePackedAsync(cancellationToken);
        progress.Report("scripts and consoles");
        await CopyBuildsAsync(staging, cancellationToken);
        staging.Delete();
        await SettleOldTablesAsync(cancellationToken);
        // From here on the backup is the new one; what it does not need is removed after, so that it is whole whenever this ends.
        files.Move(PartialTables, Tables);
        if (!keepRemoved)
        {
            progress.Report("what was removed");
            removedCount = await PruneAsync(cancellationToken);
        }
        return new BackupReport(copiedCount, copiedBytes, removedCount, damaged);
    }

    /// <summary>Held until the backup is through: two into one place would spoil each other.</summary>
    private FileStream MarkTarget()
    {
        var mark = Path.Combine(target.Root, Mark);
        if (!File.Exists(mark) && File.Exists(Tables))
            throw new IOException(
                $"{target.Root} holds a database that no backup made: give another directory. (If it is a backup of old, create the empty file {mark}.)"
            );
        if (!File.Exists(mark))
            files.Create(mark).Dispose();
        try
        {
            return new FileStream(mark, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new IOException($"Another backup is being made to {target.Root}: wait for it, or give another directory.", exception);
        }
    }

    /// <summary>
    /// Whoever read the earlier backup, and was killed, may have left a log beside its tables; SQLite would take that for the new tables' own.
    /// Opening the old ones once more works it in and removes it.
    /// </summary>
    private async Task SettleOldTablesAsync(CancellationToken cancellationToken)
    {
        var logs = Logs.Select(suffix => Tables + suffix).ToList();
        if (!logs.Exists(File.Exists))
            return;
        if (File.Exists(Tables))
        {
            await using var old = new SqliteConnection(
                new SqliteConnectionStringBuilder
                {
                    DataSource = Tables,
                    Mode = SqliteOpenMode.ReadWrite,
                    Pooling = false,
                }.ConnectionString
            );
            await old.OpenAsync(cancellationToken);
            await using var settle = old.CreateCommand();
            settle.CommandText = "PRAGMA journal_mode = DELETE";
            await settle.ExecuteScalarAsync(cancellationToken);
        }
        foreach (var log in logs)
            files.DeleteFile(log);
    }

    /// <summary>Only what has the name of an artifact or of a build can go; whatever else is there is the operator's.</summary>
    private async Task<long> PruneAsync(CancellationToken cancellationToken)
    {
        var removed = 0L;
        await using var connection = await OpenAsync(Tables, cancellationToken);
        foreach (var file in Directory.EnumerateFiles(target.Artifacts, "*", SearchOption.AllDirectories))
        {
            if (
                !Sha256Digest.TryParse(Path.GetFileName(file), out var digest)
                || file != target.OfArtifact(digest)
                || await IsThereAsync(connection, Needed, digest.ToByteArray(), cancellationToken)
                // The packed form may be what could not be copied: an earlier backup's whole content is worth more then.
                || (
                    damaged.Count > 0
                    && await IsThereAsync(
                        connection,
                        "SELECT 1 FROM build_artifact WHERE sha256 = @value LIMIT 1",
                        digest.ToByteArray(),
                        cancellationToken
                    )
                )
            )
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
                if (
                    !BuildUuid.TryParse(Path.GetFileName(folder), out var uuid)
                    || await IsThereAsync(
                        connection,
                        "SELECT 1 FROM build JOIN job ON job.id = build.job WHERE build.uuid = @value AND job.name || '/' || build.uuid = @folder",
                        uuid.ToString(),
                        cancellationToken,
                        name
                    )
                )
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

    private static async Task<bool> IsThereAsync(
        SqliteConnection connection,
        string sql,
        object value,
        CancellationToken cancellationToken,
        string? folder = null
    )
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("@value", value);
        if (folder is not null)
            command.Parameters.AddWithValue("@folder", folder);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static async Task<SqliteConnection> OpenAsync(
        string file,
        CancellationToken cancellationToken,
        SqliteOpenMode mode = SqliteOpenMode.ReadOnly
    )
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = file,
                Mode = mode,
                Pooling = false,
            }.ConnectionString
        );
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private async Task CopyTablesAsync(Staging staging, CancellationToken cancellationToken)
    {
        foreach (var leftover in Logs.Prepend("").Select(suffix => PartialTables + suffix))
            files.DeleteFile(leftover);
        if (storage.Database.Engine == DatabaseEngine.PostgreSql)
        {
            await CopyFromPostgreSqlAsync(staging, cancellationToken);
            return;
        }
        await using var session = await storage.Database.OpenReadAsync(cancellationToken);
        // SQLite takes an empty file for a new database, and leaves its mode.
        PrivateFiles.CreateIfMissing(PartialTables);
        await session.ExecuteAsync("VACUUM INTO @file", cancellationToken, ("@file", PartialTables));
        await files.FlushAsync(PartialTables, cancellationToken);
    }

    /// <summary>What was revoked since must not come back with a backup that is restored.</summary>
    private async Task LeaveOutSecretsAsync(CancellationToken cancellationToken)
    {
        await using (
            var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder
                {
                    DataSource = PartialTables,
                    Mode = SqliteOpenMode.ReadWrite,
                    Pooling = false,
                }.ConnectionString
            )
        )
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText =
                "PRAGMA secure_delete = ON; DELETE FROM sign_in_session; DELETE FROM sign_in_link;"
                + (keepTokens ? "" : " DELETE FROM api_token;");
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        await files.FlushAsync(PartialTables, cancellationToken);
    }

    private async Task CopyFromPostgreSqlAsync(Staging staging, CancellationToken cancellationToken)
    {
        var settings = new DatabaseSettings(staging["tables"]);
        await new Migrator(settings, progress).MigrateAsync(cancellationToken);
        await using (var copy = await BuilderDatabase.OpenAsync(settings, cancellationToken))
            await DatabaseCopy.CopyAsync(storage.Database, copy, progress, cancellationToken);
        files.Move(settings.SqlitePath, PartialTables);
    }

    private async Task CopyArtifactsAsync(Staging staging, CancellationToken cancellationToken)
    {
        var rows = RowsAsync(
            Stored,
            static row => (Sha256Digest.Parse(row.GetString(0)), row.IsDBNull(1) ? (long?)null : row.GetInt64(1)),
            cancellationToken
        );
        await foreach (var (digest, size) in rows)
        {
            var (from, to) = (storage.Directory.OfArtifact(digest), target.OfArtifact(digest));
            // By the size that the tables say: where the source was cut off since, the copy here is the good one.
            if (File.Exists(to) && (size is null || new FileInfo(to).Length == size))
                continue;
            await CopyAsync(from, to, staging, digest, cancellationToken);
        }
    }

    /// <summary>In the copy packed contents are there packed alone.</summary>
    private async Task SettlePackedAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(PartialTables, cancellationToken, SqliteOpenMode.ReadWrite);
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE packed_content SET whole = 0 WHERE object IS NOT NULL AND whole = 1";
        if (await command.ExecuteNonQueryAsync(cancellationToken) > 0)
            await files.FlushAsync(PartialTables, cancellationToken);
    }

    private async Task CopyBuildsAsync(Staging staging, CancellationToken cancellationToken)
    {
        // Links are not followed: what is behind them is not the build's.
        var all = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = false,
        };
        var rows = RowsAsync(
            "SELECT job.name || '/' || build.uuid FROM build JOIN job ON job.id = build.job",
            static row => row.GetString(0),
            cancellationToken
        );
        await foreach (var folder in rows)
        {
            var source = storage.Directory.Resolve(folder);
            if (!Directory.Exists(source))
            {
                damaged.Add($"{folder} is missing");
                continue;
            }
            foreach (var path in Directory.EnumerateFiles(source, "*", all))
            {
                var to = Path.Combine(target.Resolve(folder), Path.GetRelativePath(source, path));
                if (!File.Exists(to) || new FileInfo(to).Length != new FileInfo(path).Length)
                    await CopyAsync(path, to, staging, digest: null, cancellationToken);
            }
        }
    }

    /// <summary>The copied tables are read, so that what came in since does not matter.</summary>
    private async IAsyncEnumerable<T> RowsAsync<T>(
        string sql,
        Func<SqliteDataReader, T> map,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var connection = await OpenAsync(PartialTables, cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return map(reader);
    }

    /// <param name="digest">What the bytes must have; null where nobody knows.</param>
    private async Task CopyAsync(string from, string to, Staging staging, Sha256Digest? digest, CancellationToken cancellationToken)
    {
        if (DirectoryEntries.KindOf(from) == EntryKind.Special)
        {
            damaged.Add(
                $"{Path.GetRelativePath(storage.Directory.Root, from)} is {DirectoryEntries.Describe(from)}, which cannot be copied"
            );
            return;
        }
        var partial = staging["copy"];
        files.DeleteFile(partial);
        try
        {
            var (copied, length) = await CopyAsync(from, partial, cancellationToken);
            if (digest is { } expected && copied != expected)
            {
                damaged.Add($"{Path.GetRelativePath(storage.Directory.Root, from)} has other bytes than its name says");
                return;
            }
            files.CreateDirectory(Path.GetDirectoryName(to)!);
            files.Move(partial, to);
            (copiedCount, copiedBytes) = (copiedCount + 1, copiedBytes + length);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            damaged.Add($"{Path.GetRelativePath(storage.Directory.Root, from)} is missing");
        }
        catch (UnauthorizedAccessException exception)
        {
            damaged.Add(exception.Message);
        }
    }

    private async Task<(Sha256Digest Digest, long Length)> CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            await using var input = new FileStream(
                from,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                bufferSize: 0,
                FileOptions.Asynchronous
            );
            await using var output = files.Create(to);
            int count;
            while ((count = await input.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, count);
                await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
            await files.FlushAsync(output, cancellationToken);
            return (Sha256Digest.FromBytes(hash.GetHashAndReset()), output.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

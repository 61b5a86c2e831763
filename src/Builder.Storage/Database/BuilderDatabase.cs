using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using Builder.Storage.Troubles;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Builder.Storage.Database;

/// <summary>
/// The tables. Any number of readers, each with a connection of its own, and one writer at a time, across processes too:
/// whoever holds the write transaction may also move the files that belong to it.
/// </summary>
public sealed class BuilderDatabase : IAsyncDisposable
{
    /// <summary>"Builder" to PostgreSQL's advisory locks; in SQLite the same number marks the file.</summary>
    internal const long ApplicationId = 1234839235;

    /// <summary>SQLite's pages in memory, of all connections that are kept: 24 MiB.</summary>
    private const int MaxCachedInKibibytes = 24 * 1024;

    private static readonly TimeSpan PatienceOfTools = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PatienceAlone = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPatience = TimeSpan.FromMilliseconds(50);

    private readonly DbDataSource? source;
    private readonly string? sqliteConnectionString;
    private readonly bool isAlone;

    /// <summary>SQLite answers within the call: more connections than processors only wait for each other.</summary>
    private readonly int maxIdle = Math.Clamp(2 * Environment.ProcessorCount, 4, 16);

    /// <summary>The last one used comes first: its pages are the warmest.</summary>
    private readonly ConcurrentStack<DatabaseSession> idle = [];
    private readonly DatabaseTurns writer;

    /// <summary>PostgreSQL's connections. The driver has a queue too, but with one time limit for it and for the server's answer.</summary>
    private readonly DatabaseTurns? connections;
    private readonly TimeSpan patience;
    private int idleCount;
    private bool disposed;

    static BuilderDatabase() => SqliteLibrary.Configure();

    private BuilderDatabase(DatabaseSettings settings, bool isAlone)
    {
        Settings = settings;
        this.isAlone = isAlone;
        patience = settings.LockPatience ?? PatienceOfTools;
        writer = new DatabaseTurns(1, patience, settings.Description);
        if (settings.ConnectionString is not null)
        {
            var options = PostgreSqlOptions.Of(settings);
            connections = new DatabaseTurns(options.MaxPoolSize, patience, settings.Description);
            source = new NpgsqlSlimDataSourceBuilder(options.ConnectionString).EnableTransportSecurity().Build();
        }
        else
        {
            // Pooling is done here, so that prepared statements stay with their connection.
            sqliteConnectionString = new SqliteConnectionStringBuilder
            {
                DataSource = settings.SqlitePath,
                Mode = settings.IsReadOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite,
                Pooling = false,
                DefaultTimeout = (int)Math.Ceiling(patience.TotalSeconds),
            }.ConnectionString;
        }
    }

    public DatabaseSettings Settings { get; }

    public DatabaseEngine Engine => Settings.Engine;

    /// <summary>Opens a database of the newest schema version.</summary>
    /// <exception cref="SchemaException">There is none, it is another program's, or of another version; the message says how to fix it.</exception>
    public static async Task<BuilderDatabase> OpenAsync(DatabaseSettings settings, CancellationToken cancellationToken)
    {
        var database = OpenAnyVersion(settings);
        try
        {
            await SchemaVersion.RequireNewestAsync(database, cancellationToken);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    internal static BuilderDatabase OpenAnyVersion(DatabaseSettings settings) => new(settings, isAlone: false);

    /// <summary>
    /// For one session that no other process may share the file with: with a write-ahead log it is refused (SQLite's "busy") where another one has
    /// the file open, however idle.
    /// </summary>
    internal static BuilderDatabase OpenAlone(DatabaseSettings settings) =>
        new(settings with { LockPatience = PatienceAlone }, isAlone: true);

    /// <summary>A session for reading. Each query sees what was committed when it began.</summary>
    public async ValueTask<DatabaseSession> OpenReadAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (idle.TryPop(out var session))
        {
            Interlocked.Decrement(ref idleCount);
            return session;
        }
        return await ConnectAsync(cancellationToken);
    }

    /// <summary>Runs the work in a write transaction, alone among all writers of this database; commits where it returns, undoes all where it throws.</summary>
    public Task<T> WriteAsync<T>(Func<DatabaseSession, Task<T>> work, CancellationToken cancellationToken) =>
        WriteAsync(work, isSeen: true, cancellationToken);

    /// <summary>A write transaction like any other, for what no page and no program sees: pages that were made stay right.</summary>
    internal Task<T> WriteQuietlyAsync<T>(Func<DatabaseSession, Task<T>> work, CancellationToken cancellationToken) =>
        WriteAsync(work, isSeen: false, cancellationToken);

    private async Task<T> WriteAsync<T>(Func<DatabaseSession, Task<T>> work, bool isSeen, CancellationToken cancellationToken)
    {
        var arrived = await writer.EnterAsync(cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            await using var session = await OpenReadAsync(cancellationToken);
            T result;
            try
            {
                await BeginAsync(session, writer.Remaining(arrived), cancellationToken);
                result = await work(session);
                if (isSeen)
                    await SchemaVersion.BumpRevisionAsync(session, cancellationToken);
                // Not to be given up half-way: after this the work counts.
                await session.ExecuteAsync("COMMIT", CancellationToken.None);
            }
            catch
            {
                // Closing the connection undoes the transaction, whatever state it is in.
                session.IsSpoiled = true;
                throw;
            }
            writer.Succeeded();
            return result;
        }
        catch (DbException exception)
        {
            writer.Failed(exception, began);
            throw;
        }
        finally
        {
            writer.Leave();
        }
    }

    public Task WriteAsync(Func<DatabaseSession, Task> work, CancellationToken cancellationToken) =>
        WriteAsync(
            async session =>
            {
                await work(session);
                return true;
            },
            cancellationToken
        );

    /// <summary>Asks whether its tables are of this program's version; writes nothing.</summary>
    /// <exception cref="DbException">It does not answer.</exception>
    /// <exception cref="SchemaException">They are not.</exception>
    public Task RequireNewestAsync(CancellationToken cancellationToken) => SchemaVersion.RequireNewestAsync(this, cancellationToken);

    /// <summary>Whether it can be read and written now: begins to write, and changes nothing.</summary>
    /// <exception cref="DbException">It cannot.</exception>
    /// <exception cref="SchemaException">Its tables are of another version than this program's.</exception>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await SchemaVersion.RequireNewestAsync(this, cancellationToken);
        var arrived = await writer.EnterAsync(cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            await using var session = await OpenReadAsync(cancellationToken);
            try
            {
                await BeginAsync(session, writer.Remaining(arrived), cancellationToken);
                await SchemaVersion.BumpRevisionAsync(session, cancellationToken);
                await session.ExecuteAsync("ROLLBACK", cancellationToken);
            }
            catch
            {
                session.IsSpoiled = true;
                throw;
            }
            writer.Succeeded();
        }
        catch (DbException exception)
        {
            writer.Failed(exception, began);
            throw;
        }
        finally
        {
            writer.Leave();
        }
    }

    /// <summary>For one connection that listens for notifications: apart from those that answer requests.</summary>
    internal NpgsqlDataSource CreateListeningSource()
    {
        var options = PostgreSqlOptions.Of(Settings);
        options.Pooling = false;
        // A connection that is quiet for long may be cut without a word.
        options.KeepAlive = 30;
        return new NpgsqlSlimDataSourceBuilder(options.ConnectionString).EnableTransportSecurity().Build();
    }

    /// <summary>Lets go of the pages that connections without a user keep in memory; the next queries read them again.</summary>
    public async Task ReleaseMemoryAsync(CancellationToken cancellationToken)
    {
        var sessions = new List<DatabaseSession>();
        while (idle.TryPop(out var session))
        {
            Interlocked.Decrement(ref idleCount);
            sessions.Add(session);
        }
        foreach (var session in sessions)
        {
            await using (session)
                await session.ExecuteAsync("PRAGMA shrink_memory", cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        disposed = true;
        while (idle.TryPop(out var session))
            await session.CloseAsync();
        if (source is not null)
            await source.DisposeAsync();
        connections?.Dispose();
        writer.Dispose();
    }

    private async Task BeginAsync(DatabaseSession session, TimeSpan remaining, CancellationToken cancellationToken)
    {
        if (session.Engine == DatabaseEngine.Sqlite)
        {
            await BeginSqliteAsync(session, remaining, cancellationToken);
            return;
        }
        await session.ExecuteAsync("BEGIN", cancellationToken);
        if (remaining < patience)
        {
            var milliseconds = Math.Max(remaining.TotalMilliseconds, ShortestPatience.TotalMilliseconds)
                .ToString("f0", CultureInfo.InvariantCulture);
            await session.AnyAsync(
                "SELECT set_config('lock_timeout', @milliseconds, true)",
                cancellationToken,
                ("@milliseconds", milliseconds)
            );
        }
        if (Settings.MaxWritePause is not { } pause)
        {
            await session.ExecuteAsync("SELECT pg_advisory_xact_lock(@id)", cancellationToken, ("@id", ApplicationId));
            return;
        }
        // PostgreSQL ends the session of a writer that is stopped or cut off: it would keep all others from writing, and what it still writes is refused.
        await session.AnyAsync(
            "SELECT set_config('idle_in_transaction_session_timeout', @pause, true), pg_advisory_xact_lock(@id)",
            cancellationToken,
            ("@pause", pause.TotalMilliseconds.ToString("f0", CultureInfo.InvariantCulture)),
            ("@id", ApplicationId)
        );
    }

    /// <summary>SQLite itself would wait within the call, and keep the thread.</summary>
    private async Task BeginSqliteAsync(DatabaseSession session, TimeSpan remaining, CancellationToken cancellationToken)
    {
        var handle = ((SqliteConnection)session.Connection).Handle;
        var began = TimeProvider.System.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        using var activity = StorageTracing.Query(Engine, "BEGIN IMMEDIATE");
        while (true)
        {
            _ = raw.sqlite3_busy_timeout(handle, 0);
            var code = raw.sqlite3_exec(handle, "BEGIN IMMEDIATE");
            _ = raw.sqlite3_busy_timeout(handle, BusyTimeout);
            if (code == raw.SQLITE_OK)
                return;
            if ((code & 0xff) != raw.SQLITE_BUSY || TimeProvider.System.GetElapsedTime(began) >= remaining)
            {
                var error = new SqliteException(raw.sqlite3_errmsg(handle).utf8_to_string(), code & 0xff, code);
                DatabaseFault.Note(error, Settings.Description, "BEGIN IMMEDIATE");
                throw error;
            }
            await Task.Delay(pause, TimeProvider.System, cancellationToken);
            pause = pause < ShortestPatience ? 2 * pause : ShortestPatience;
        }
    }

    /// <summary>In milliseconds. Short: the driver tries again until its own limit is over, which it looks at only between two attempts.</summary>
    private int BusyTimeout => (int)Math.Min(patience.TotalMilliseconds, 1000);

    private async Task<DatabaseSession> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            return connections is null
                ? new DatabaseSession(Engine, Settings.Description, await ConnectSqliteAsync(cancellationToken), ReleaseAsync)
                : new DatabaseSession(
                    Engine,
                    Settings.Description,
                    await ConnectPostgreSqlAsync(connections, cancellationToken),
                    ReleaseAsync
                );
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_CANTOPEN && !File.Exists(Settings.SqlitePath))
        {
            throw new SchemaException(
                $"There is no database {Settings.SqlitePath} that can be opened: \"builder db migrate\" creates it.",
                exception
            );
        }
        catch (DbException exception)
        {
            DatabaseFault.Note(exception, Settings.Description);
            if (exception is SqliteException { SqliteErrorCode: raw.SQLITE_CANTOPEN })
                RequireDescriptors(exception);
            throw;
        }
    }

    /// <summary>SQLite does not say why it cannot open a file. Its own is not touched: closing it here would end the locks of this process.</summary>
    /// <exception cref="IOException">There are no file descriptors left.</exception>
    private static void RequireDescriptors(DbException error)
    {
        try
        {
            File.OpenHandle("/dev/null").Dispose();
        }
        catch (IOException cause)
        {
            throw new IOException(cause.Message, error) { HResult = cause.HResult };
        }
    }

    private async Task<DbConnection> ConnectPostgreSqlAsync(DatabaseTurns turns, CancellationToken cancellationToken)
    {
        await turns.EnterAsync(cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            var connection = await source!.OpenConnectionAsync(cancellationToken);
            turns.Succeeded();
            return connection;
        }
        catch (Exception exception)
        {
            turns.Failed(exception, began);
            turns.Leave();
            throw;
        }
    }

    private async Task<SqliteConnection> ConnectSqliteAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(sqliteConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            SqliteLibrary.KeepPlans(connection);
            await using var command = connection.CreateCommand();
            // FULL: an upload that was answered with 201 survives a power failure.
            command.CommandText = string.Create(
                CultureInfo.InvariantCulture,
                $"""
                {(isAlone ? "PRAGMA locking_mode = EXCLUSIVE;" : "")}
                PRAGMA busy_timeout = {BusyTimeout};
                PRAGMA foreign_keys = ON;
                PRAGMA synchronous = FULL;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = {-MaxCachedInKibibytes / maxIdle};
                """
            );
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async ValueTask ReleaseAsync(DatabaseSession session)
    {
        // PostgreSQL's driver keeps its own pool, with a queue for those who wait, and its own prepared statements.
        var isKept = Engine == DatabaseEngine.Sqlite && !session.IsSpoiled && !disposed;
        if (isKept && Interlocked.Increment(ref idleCount) <= maxIdle)
        {
            idle.Push(session);
            return;
        }
        if (isKept)
            Interlocked.Decrement(ref idleCount);
        try
        {
            await session.CloseAsync();
        }
        finally
        {
            connections?.Leave();
        }
    }
}

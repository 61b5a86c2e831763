using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

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
    private const int MostCachedInKibibytes = 24 * 1024;

    private readonly DbDataSource? source;
    private readonly string? sqliteConnectionString;
    /// <summary>SQLite answers within the call: more connections than processors only wait for each other.</summary>
    private readonly int mostIdle = Math.Clamp(2 * Environment.ProcessorCount, 4, 16);

    /// <summary>The last one used comes first: its pages are the warmest.</summary>
    private readonly ConcurrentStack<DatabaseSession> idle = [];
    private readonly SemaphoreSlim writer = new(1, 1);
    private int idleCount;
    private bool disposed;

    static BuilderDatabase() => SqliteLibrary.Configure();

    private BuilderDatabase(DatabaseSettings settings)
    {
        Settings = settings;
        if (settings.ConnectionString is { } connectionString)
        {
            var options = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "builder", MaxAutoPrepare = 256, AutoPrepareMinUsages = 2 };
            source = new NpgsqlSlimDataSourceBuilder(options.ConnectionString).EnableTransportSecurity().Build();
        }
        else
        {
            // Pooling is done here, so that prepared statements stay with their connection.
            sqliteConnectionString = new SqliteConnectionStringBuilder
            {
                DataSource = settings.SqlitePath,
                Mode = SqliteOpenMode.ReadWrite,
                Pooling = false,
                DefaultTimeout = 60,
            }.ConnectionString;
        }
    }

    public DatabaseSettings Settings { get; }

    public DatabaseEngine Engine => Settings.Engine;

    /// <summary>Opens a database of the newest schema version.</summary>
    /// <exception cref="SchemaException">There is none, it is another program's, or of another version; the message says what mends it.</exception>
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

    internal static BuilderDatabase OpenAnyVersion(DatabaseSettings settings) => new(settings);

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
    public async Task<T> WriteAsync<T>(Func<DatabaseSession, Task<T>> work, CancellationToken cancellationToken)
    {
        await writer.WaitAsync(cancellationToken);
        try
        {
            await using var session = await OpenReadAsync(cancellationToken);
            await BeginAsync(session, cancellationToken);
            T result;
            try
            {
                result = await work(session);
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
            return result;
        }
        finally
        {
            writer.Release();
        }
    }

    public Task WriteAsync(Func<DatabaseSession, Task> work, CancellationToken cancellationToken) =>
        WriteAsync(
            async session =>
            {
                await work(session);
                return true;
            },
            cancellationToken);

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
        writer.Dispose();
    }

    private static async Task BeginAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        if (session.Engine == DatabaseEngine.Sqlite)
        {
            await session.ExecuteAsync("BEGIN IMMEDIATE", cancellationToken);
            return;
        }
        await session.ExecuteAsync("BEGIN", cancellationToken);
        await session.ExecuteAsync("SELECT pg_advisory_xact_lock(@id)", cancellationToken, ("@id", ApplicationId));
    }

    private async Task<DatabaseSession> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (source is not null)
                return new DatabaseSession(Engine, Settings.Description, await source.OpenConnectionAsync(cancellationToken), ReleaseAsync);
            return new DatabaseSession(Engine, Settings.Description, await ConnectSqliteAsync(cancellationToken), ReleaseAsync);
        }
        catch (SqliteException error) when (error.SqliteErrorCode == 14)
        {
            throw new SchemaException($"There is no database {Settings.SqlitePath} that can be opened: \"builder db migrate\" creates it.", error);
        }
        catch (DbException error)
        {
            DatabaseFault.Note(error, Settings.Description);
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
                PRAGMA busy_timeout = 60000;
                PRAGMA foreign_keys = ON;
                PRAGMA synchronous = FULL;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = {-MostCachedInKibibytes / mostIdle};
                """);
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
        if (isKept && Interlocked.Increment(ref idleCount) <= mostIdle)
        {
            idle.Push(session);
            return;
        }
        if (isKept)
            Interlocked.Decrement(ref idleCount);
        await session.CloseAsync();
    }
}

using System.Data.Common;
using System.Runtime.CompilerServices;
using Builder.Analysis.Values;
using Builder.Protocol.Values;
using Builder.Storage.Troubles;
using Builder.Storage.Values;

namespace Builder.Storage.Database;

/// <summary>
/// A connection in use by one task at a time. Queries are text with named parameters, written so that both engines
/// understand them; each is prepared once per connection.
/// </summary>
public sealed class DatabaseSession : IAsyncDisposable
{
    private const int MaxPrepared = 256;

    private readonly Dictionary<string, DbCommand> prepared = new(StringComparer.Ordinal);
    private readonly string description;
    private readonly Func<DatabaseSession, ValueTask> release;
    private bool isReading;

    /// <param name="description">For errors: which database this is.</param>
    internal DatabaseSession(DatabaseEngine engine, string description, DbConnection connection, Func<DatabaseSession, ValueTask> release)
    {
        Engine = engine;
        this.description = description;
        Connection = connection;
        this.release = release;
    }

    public DatabaseEngine Engine { get; }

    internal DbConnection Connection { get; }

    /// <summary>True once something failed here: such a connection is closed rather than used again.</summary>
    internal bool IsSpoiled { get; set; }

    /// <summary>All rows.</summary>
    public async Task<List<T>> QueryAsync<T>(
        string sql,
        Func<Row, T> map,
        CancellationToken cancellationToken,
        params SqlParameter[] parameters
    )
    {
        var command = Take(sql, parameters);
        try
        {
            await using var reader = await RunAsync(command, sql, cancellationToken);
            var row = new Row(reader);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(map(row));
            return rows;
        }
        finally
        {
            await GiveBackAsync(sql, command);
        }
    }

    /// <summary>The first row, or the default where there is none.</summary>
    public async Task<T?> QueryFirstAsync<T>(
        string sql,
        Func<Row, T> map,
        CancellationToken cancellationToken,
        params SqlParameter[] parameters
    )
    {
        var command = Take(sql, parameters);
        try
        {
            await using var reader = await RunAsync(command, sql, cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? map(new Row(reader)) : default;
        }
        finally
        {
            await GiveBackAsync(sql, command);
        }
    }

    /// <summary>Rows as they come; the session is busy until the last.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        string sql,
        Func<Row, T> map,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        params SqlParameter[] parameters
    )
    {
        var command = Take(sql, parameters);
        try
        {
            await using var reader = await RunAsync(command, sql, cancellationToken);
            var row = new Row(reader);
            while (await reader.ReadAsync(cancellationToken))
                yield return map(row);
        }
        finally
        {
            await GiveBackAsync(sql, command);
        }
    }

    /// <summary>How many rows were changed.</summary>
    public async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params SqlParameter[] parameters)
    {
        var command = Take(sql, parameters);
        using var activity = StorageTracing.Query(Engine, sql);
        try
        {
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            IsSpoiled = true;
            DatabaseFault.Note(exception, description, sql);
            throw;
        }
        finally
        {
            await GiveBackAsync(sql, command);
        }
    }

    /// <summary>The first column of the first row as a number; for counts and for INSERT … RETURNING id.</summary>
    /// <exception cref="InvalidDataException">There is no row.</exception>
    public async Task<long> IntegerAsync(string sql, CancellationToken cancellationToken, params SqlParameter[] parameters) =>
        await QueryFirstAsync(sql, static row => (long?)row.Integer(0), cancellationToken, parameters)
        ?? throw new InvalidDataException($"no row where one must be: {sql}");

    /// <summary>True where the query has a row.</summary>
    public async Task<bool> AnyAsync(string sql, CancellationToken cancellationToken, params SqlParameter[] parameters) =>
        await QueryFirstAsync(sql, static _ => true, cancellationToken, parameters);

    /// <summary>
    /// A number that every committed write changes, other processes' included: what was computed at one number is right
    /// while the number stays.
    /// </summary>
    public Task<long> RevisionAsync(CancellationToken cancellationToken) => SchemaVersion.RevisionAsync(this, cancellationToken);

    /// <summary>What is read until the end sees one state of the database, however many queries it takes.</summary>
    public async Task BeginReadAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            Engine == DatabaseEngine.Sqlite ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            cancellationToken
        );
        isReading = true;
    }

    public async Task EndReadAsync()
    {
        await ExecuteAsync("COMMIT", CancellationToken.None);
        isReading = false;
    }

    /// <summary>Closes the connection where reading was not ended: the next user would be stuck in its past.</summary>
    public ValueTask DisposeAsync()
    {
        IsSpoiled |= isReading;
        return release(this);
    }

    internal async ValueTask CloseAsync()
    {
        foreach (var command in prepared.Values)
            await command.DisposeAsync();
        prepared.Clear();
        await Connection.DisposeAsync();
    }

    private async Task<DbDataReader> RunAsync(DbCommand command, string sql, CancellationToken cancellationToken)
    {
        using var activity = StorageTracing.Query(Engine, sql);
        try
        {
            return await command.ExecuteReaderAsync(cancellationToken);
        }
        catch (DbException exception)
        {
            IsSpoiled = true;
            DatabaseFault.Note(exception, description, sql);
            throw;
        }
    }

    private DbCommand Take(string sql, SqlParameter[] parameters)
    {
        if (!prepared.Remove(sql, out var command))
        {
            command = Connection.CreateCommand();
            command.CommandText = sql;
        }
        Bind(command, parameters);
        return command;
    }

    private async ValueTask GiveBackAsync(string sql, DbCommand command)
    {
        if (prepared.Count >= MaxPrepared || !prepared.TryAdd(sql, command))
            await command.DisposeAsync();
    }

    private static void Bind(DbCommand command, SqlParameter[] parameters)
    {
        var known = command.Parameters;
        for (var i = 0; i < parameters.Length; i++)
        {
            var value = ToDatabase(parameters[i].Value);
            if (i < known.Count && known[i].ParameterName == parameters[i].Name)
            {
                known[i].Value = value;
                continue;
            }
            while (known.Count > i)
                known.RemoveAt(known.Count - 1);
            var parameter = command.CreateParameter();
            parameter.ParameterName = parameters[i].Name;
            parameter.Value = value;
            known.Add(parameter);
        }
        while (known.Count > parameters.Length)
            known.RemoveAt(known.Count - 1);
    }

    private static object ToDatabase(object? value) =>
        value switch
        {
            null => DBNull.Value,
            int number => (long)number,
            JobId id => id.Value,
            BuildId id => id.Value,
            UserId id => id.Value,
            ArtifactId id => id.Value,
            Sha256Digest digest => digest.ToByteArray(),
            BuildUuid uuid => uuid.ToString(),
            JobName name => name.Value,
            Platform platform => platform.Value,
            ArtifactPath path => StoredText.FromBytes(path.Bytes),
            ByteString bytes => StoredText.FromBytes(bytes),
            _ => value,
        };
}

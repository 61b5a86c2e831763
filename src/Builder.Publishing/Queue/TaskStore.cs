using System.Globalization;
using Builder.Posix;
using Builder.Protocol.Values;
using Builder.Publishing.Files;
using Microsoft.Data.Sqlite;

namespace Builder.Publishing.Queue;

/// <summary>
/// What is due, and what became of what was: a small database of its own beside the repositories, on the machine whose disk
/// hooks and repositories work on. Each call is a transaction.
/// </summary>
public sealed class TaskStore
{
    private const int Version = 1;

    private const string Columns = "id, build, kind, name, state, due, started, ended, exit_code, message";

    private readonly string connectionString;

    private TaskStore(string path) =>
        connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            DefaultTimeout = 60,
            Pooling = false,
        }.ConnectionString;

    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "_publishing", "tasks.sqlite3");

    /// <summary>Opens the store of a data directory, and makes it where there is none.</summary>
    public static async Task<TaskStore> OpenAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var path = PathIn(dataDirectory);
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        PrivateFiles.CreateIfMissing(path);
        var store = new TaskStore(path);
        await using var connection = await store.ConnectAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        var version = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (version > Version)
            throw new RepositoryException($"{path} was made by a newer version of this program ({version})");
        if (version < Version)
            await CreateAsync(connection, cancellationToken);
        return store;
    }

    /// <summary>The id of the last build that was looked at; null where none ever was.</summary>
    public async Task<long?> CursorAsync(CancellationToken cancellationToken) =>
        (await QueryAsync("SELECT last_build FROM cursor", reader => (long?)reader.GetInt64(0), cancellationToken)).FirstOrDefault();

    /// <summary>Notes that builds up to this one were looked at, and what is due for them.</summary>
    public async Task AddAsync(
        long lastBuild,
        IEnumerable<(BuildUuid Build, TaskKind Kind, string Name)> tasks,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await ConnectAsync(cancellationToken);
        await using var transaction = connection.BeginTransaction(deferred: false);
        foreach (var (build, kind, name) in tasks)
        {
            await ExecuteAsync(
                connection,
                """
                INSERT INTO task (build, kind, name, state, due, message)
                VALUES (@build, @kind, @name, 0, @now, '')
                ON CONFLICT (build, kind, name) DO NOTHING
                """,
                cancellationToken,
                ("@build", build.ToString()),
                ("@kind", (int)kind),
                ("@name", name),
                ("@now", now.ToUnixTimeMilliseconds())
            );
        }
        await ExecuteAsync(
            connection,
            """
            INSERT INTO cursor (id, last_build)
            VALUES (1, @last)
            ON CONFLICT (id) DO UPDATE SET last_build = max(last_build, @last)
            """,
            cancellationToken,
            ("@last", lastBuild)
        );
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>For the start of the program that does the work: what was running when it died is due again.</summary>
    public Task<int> ReviveAsync(CancellationToken cancellationToken) =>
        ExecuteAsync("UPDATE task SET state = 0, started = NULL WHERE state = 1", cancellationToken);

    /// <summary>What is due, oldest first.</summary>
    public Task<List<PublishingTask>> DueAsync(bool hooks, int most, CancellationToken cancellationToken) =>
        QueryAsync(
            $"""
            SELECT {Columns}
            FROM task
            WHERE state = 0 AND (kind < 2) = @hooks
            ORDER BY id
            LIMIT @most
            """,
            Read,
            cancellationToken,
            ("@hooks", hooks ? 1 : 0),
            ("@most", most)
        );

    public Task StartAsync(long id, DateTimeOffset now, CancellationToken cancellationToken) =>
        ExecuteAsync(
            "UPDATE task SET state = 1, started = @now, ended = NULL, exit_code = NULL, message = '', output = NULL WHERE id = @id",
            cancellationToken,
            ("@id", id),
            ("@now", now.ToUnixTimeMilliseconds())
        );

    /// <summary>What people are told of a task that goes on.</summary>
    public Task NoteAsync(long id, string message, CancellationToken cancellationToken) =>
        ExecuteAsync("UPDATE task SET message = @message WHERE id = @id", cancellationToken, ("@id", id), ("@message", message));

    public Task EndAsync(
        long id,
        TaskState state,
        int? exitCode,
        string message,
        byte[]? output,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        ExecuteAsync(
            """
            UPDATE task
            SET state = @state, ended = @now, exit_code = @exitCode, message = @message, output = @output
            WHERE id = @id
            """,
            cancellationToken,
            ("@id", id),
            ("@state", (int)state),
            ("@now", now.ToUnixTimeMilliseconds()),
            ("@exitCode", exitCode),
            ("@message", message),
            ("@output", output)
        );

    /// <summary>What became of a package by hand, whether or not it was ever due.</summary>
    public Task<int> RecordAsync(
        BuildUuid build,
        TaskKind kind,
        TaskState state,
        string message,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        ExecuteAsync(
            """
            INSERT INTO task (build, kind, name, state, due, started, ended, message)
            VALUES (@build, @kind, '', @state, @now, @now, @now, @message)
            ON CONFLICT (build, kind, name) DO UPDATE SET state = @state, ended = @now, message = @message
            """,
            cancellationToken,
            ("@build", build.ToString()),
            ("@kind", (int)kind),
            ("@state", (int)state),
            ("@now", now.ToUnixTimeMilliseconds()),
            ("@message", message)
        );

    /// <summary>Makes tasks due again; those that run are left alone.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> RerunAsync(TaskFilter filter, DateTimeOffset now, CancellationToken cancellationToken) =>
        ExecuteAsync(
            $"UPDATE task SET state = 0, due = @now WHERE state <> 1 AND {TaskFilter.Where}",
            cancellationToken,
            [("@now", now.ToUnixTimeMilliseconds()), .. filter.Parameters]
        );

    /// <summary>Packages that wait for a second build look again when one has come.</summary>
    public Task<int> ReleaseHeldAsync(IReadOnlyCollection<BuildUuid> builds, CancellationToken cancellationToken) =>
        ExecuteAsync(
            $"UPDATE task SET state = 0 WHERE state = 5 AND build IN (SELECT value FROM json_each(@builds))",
            cancellationToken,
            ("@builds", $"[{string.Join(',', builds.Select(build => $"\"{build}\""))}]")
        );

    /// <summary>All packages that wait look again.</summary>
    public Task<int> ReleaseAllHeldAsync(CancellationToken cancellationToken) =>
        ExecuteAsync("UPDATE task SET state = 0 WHERE state = 5", cancellationToken);

    /// <summary>Newest first.</summary>
    public Task<List<PublishingTask>> ListAsync(TaskFilter filter, int most, CancellationToken cancellationToken) =>
        QueryAsync(
            $"""
            SELECT {Columns}
            FROM task
            WHERE {TaskFilter.Where}
            ORDER BY id DESC
            LIMIT @most
            """,
            Read,
            cancellationToken,
            [("@most", most), .. filter.Parameters]
        );

    public async Task<(PublishingTask Task, byte[] Output)?> FindAsync(long id, CancellationToken cancellationToken)
    {
        var found = await QueryAsync(
            $"SELECT {Columns}, output FROM task WHERE id = @id",
            reader => (Read(reader), reader.IsDBNull(10) ? [] : reader.GetFieldValue<byte[]>(10)),
            cancellationToken,
            ("@id", id)
        );
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Forgets what ended long ago, so that the record does not grow for ever.</summary>
    public Task<int> ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        ExecuteAsync(
            "DELETE FROM task WHERE kind < 2 AND state IN (2, 3) AND ended < @before",
            cancellationToken,
            ("@before", before.ToUnixTimeMilliseconds())
        );

    private static async Task CreateAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            PRAGMA journal_mode = WAL;
            BEGIN IMMEDIATE;
            CREATE TABLE IF NOT EXISTS cursor (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                last_build INTEGER NOT NULL
            );
            CREATE TABLE IF NOT EXISTS task (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                build TEXT NOT NULL,
                kind INTEGER NOT NULL, -- upload hook, failure hook, Debian package, FreeBSD package
                name TEXT NOT NULL,
                state INTEGER NOT NULL, -- due, running, done, failed, refused, held, withdrawn
                due INTEGER NOT NULL, -- times in milliseconds since 1970
                started INTEGER,
                ended INTEGER,
                exit_code INTEGER,
                message TEXT NOT NULL,
                output BLOB,
                UNIQUE (build, kind, name)
            );
            CREATE INDEX IF NOT EXISTS idx_task_open ON task(state, kind, id) WHERE state IN (0, 1, 5);
            PRAGMA user_version = {Version.ToString(CultureInfo.InvariantCulture)};
            COMMIT;
            """;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<SqliteConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await ExecuteAsync(connection, "PRAGMA synchronous = FULL", cancellationToken);
        return connection;
    }

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        return await ExecuteAsync(connection, sql, cancellationToken, parameters);
    }

    private static async Task<int> ExecuteAsync(
        SqliteConnection connection,
        string sql,
        CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters
    )
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<List<T>> QueryAsync<T>(
        string sql,
        Func<SqliteDataReader, T> read,
        CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters
    )
    {
        await using var connection = await ConnectAsync(cancellationToken);
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    private static PublishingTask Read(SqliteDataReader reader) =>
        new(
            reader.GetInt64(0),
            BuildUuid.Parse(reader.GetString(1)),
            (TaskKind)reader.GetInt32(2),
            reader.GetString(3),
            (TaskState)reader.GetInt32(4),
            Time(reader, 5)!.Value,
            Time(reader, 6),
            Time(reader, 7),
            reader.IsDBNull(8) ? null : reader.GetInt32(8),
            reader.GetString(9)
        );

    private static DateTimeOffset? Time(SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));
}

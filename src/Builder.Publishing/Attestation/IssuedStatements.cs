using System.Globalization;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Protocol.Values;
using Builder.Storage.Statements;
using Microsoft.Data.Sqlite;

namespace Builder.Publishing.Attestation;

/// <summary>
/// The signer's own memory of what it signed, beside its keys. A statement is written here before anybody gets it: whoever asks again after a crash gets the
/// same one. No provenance is ever made twice for a build.
/// </summary>
internal sealed class IssuedStatements : IDisposable
{
    private const string Columns =
        "id, build_uuid, kind, envelope, key_id, log_index, created, job, mode, input_id, main_name, main_sha256, levels";

    private readonly SqliteConnection connection;
    private readonly Lock gate = new();

    private IssuedStatements(SqliteConnection connection) => this.connection = connection;

    /// <exception cref="SignerException">The file cannot be used.</exception>
    public static IssuedStatements Open(string directory)
    {
        var path = Path.Combine(directory, "issued.sqlite3");
        PrivateFiles.CreateIfMissing(path);
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                DefaultTimeout = 60,
                Pooling = false,
            }.ConnectionString
        );
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                CREATE TABLE IF NOT EXISTS issued (
                    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
                    build_uuid TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    envelope BLOB NOT NULL,
                    key_id TEXT NOT NULL,
                    log_index INTEGER,
                    created INTEGER NOT NULL,
                    job TEXT NOT NULL,
                    mode INTEGER NOT NULL,
                    input_id BLOB,
                    main_name TEXT,
                    main_sha256 BLOB,
                    levels TEXT NOT NULL
                );
                CREATE INDEX IF NOT EXISTS idx_issued_build ON issued(build_uuid, kind, id);
                CREATE UNIQUE INDEX IF NOT EXISTS idx_issued_once ON issued(build_uuid) WHERE kind = 'provenance';
                CREATE INDEX IF NOT EXISTS idx_issued_output ON issued(job, input_id, main_sha256) WHERE kind = 'provenance';
                CREATE INDEX IF NOT EXISTS idx_issued_unlogged ON issued(id) WHERE log_index IS NULL;
                CREATE INDEX IF NOT EXISTS idx_issued_log ON issued(log_index);
                """;
            command.ExecuteNonQuery();
            return new IssuedStatements(connection);
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw new SignerException($"{path} cannot be used: {exception.Message}; restore it from a backup", exception);
        }
    }

    /// <summary>Makes them durable. When this returns they count as signed.</summary>
    /// <returns>The same with their ids.</returns>
    public IReadOnlyList<IssuedStatement> Add(IReadOnlyList<IssuedStatement> statements)
    {
        lock (gate)
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            var added = statements.Select(Insert).ToList();
            transaction.Commit();
            return added;
        }
    }

    /// <summary>The statements now stand in the log.</summary>
    public void SetLogIndexes(IReadOnlyList<(long Id, long Index)> places)
    {
        lock (gate)
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            foreach (var (id, index) in places)
                Execute("UPDATE issued SET log_index = @index WHERE id = @id", ("@index", index), ("@id", id));
            transaction.Commit();
        }
    }

    /// <summary>The latest of a kind; null where there is none.</summary>
    /// <param name="build">Null for the list of keys.</param>
    public IssuedStatement? Latest(BuildUuid? build, string kind) =>
        Query(
                $"SELECT {Columns} FROM issued WHERE build_uuid = @uuid AND kind = @kind ORDER BY id DESC LIMIT 1",
                ("@uuid", build?.ToString() ?? ""),
                ("@kind", kind)
            )
            .FirstOrDefault();

    /// <summary>All of a build but its summaries, oldest first.</summary>
    public IReadOnlyList<IssuedStatement> OfBuild(BuildUuid build) =>
        Query(
            $"SELECT {Columns} FROM issued WHERE build_uuid = @uuid AND kind <> @summary ORDER BY id LIMIT 100",
            ("@uuid", build.ToString()),
            ("@summary", StatementKind.Summary)
        );

    /// <summary>What was signed but, when the last process ended, not known to be in the log; oldest first.</summary>
    public IReadOnlyList<IssuedStatement> Unlogged(int max) =>
        Query($"SELECT {Columns} FROM issued WHERE log_index IS NULL ORDER BY id LIMIT @max", ("@max", max));

    /// <summary>Whether two builds that servers of this farm recorded came from these inputs to this result, none of them retracted.</summary>
    public bool IsReproduced(AttestedFacts facts)
    {
        if (facts.Main is not { } main || facts.InputId is not { } input)
            return false;
        return Query(
                $"""
                SELECT {Columns}
                FROM issued
                WHERE kind = 'provenance' AND job = @job AND input_id = @input AND main_sha256 = @main AND mode <> {(int)BuildMode.Imported}
                  AND NOT EXISTS (SELECT 1 FROM issued AS other WHERE other.build_uuid = issued.build_uuid AND other.kind = 'retraction')
                LIMIT 2
                """,
                ("@job", facts.Job),
                ("@input", input.ToByteArray()),
                ("@main", main.Digest.ToByteArray())
            ).Count == 2;
    }

    /// <summary>The first entry of the log that may have been made at this moment or later; null where nothing is in a log.</summary>
    public long? LogIndexAt(DateTimeOffset moment)
    {
        lock (gate)
        {
            using var command = Command(
                """
                SELECT COALESCE(
                    (SELECT MIN(log_index) FROM issued WHERE created >= @moment),
                    (SELECT MAX(log_index) + 1 FROM issued))
                """,
                ("@moment", moment.ToUnixTimeSeconds())
            );
            return command.ExecuteScalar() as long?;
        }
    }

    public void Dispose() => connection.Dispose();

    private IssuedStatement Insert(IssuedStatement statement)
    {
        using var command = Command(
            """
            INSERT INTO issued (build_uuid, kind, envelope, key_id, log_index, created, job, mode, input_id, main_name, main_sha256, levels)
            VALUES (@uuid, @kind, @envelope, @key, @index, @created, @job, @mode, @input, @mainName, @mainDigest, @levels)
            RETURNING id
            """,
            ("@uuid", statement.Build?.ToString() ?? ""),
            ("@kind", statement.Kind),
            ("@envelope", PackedEnvelope.Pack(statement.Envelope.Span)),
            ("@key", statement.KeyId),
            ("@index", statement.LogIndex),
            ("@created", statement.Created.ToUnixTimeSeconds()),
            ("@job", statement.Facts.Job),
            ("@mode", (int)statement.Facts.Mode),
            ("@input", statement.Facts.InputId?.ToByteArray()),
            ("@mainName", statement.Facts.Main?.Name),
            ("@mainDigest", statement.Facts.Main?.Digest.ToByteArray()),
            ("@levels", statement.Levels)
        );
        return statement with { Id = Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture) };
    }

    private List<IssuedStatement> Query(string sql, params (string Name, object? Value)[] parameters)
    {
        lock (gate)
        {
            using var command = Command(sql, parameters);
            using var reader = command.ExecuteReader();
            var found = new List<IssuedStatement>();
            while (reader.Read())
                found.Add(Read(reader));
            return found;
        }
    }

    private static IssuedStatement Read(SqliteDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetString(1) is { Length: > 0 } uuid ? BuildUuid.Parse(uuid) : null,
            row.GetString(2),
            PackedEnvelope.Unpack(row.GetFieldValue<byte[]>(3)),
            row.GetString(4),
            row.IsDBNull(5) ? null : row.GetInt64(5),
            DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(6)),
            new AttestedFacts(
                row.GetString(7),
                (BuildMode)row.GetInt32(8),
                row.IsDBNull(9) ? null : Sha256Digest.FromBytes(row.GetFieldValue<byte[]>(9)),
                row.IsDBNull(10) ? null : (row.GetString(10), Sha256Digest.FromBytes(row.GetFieldValue<byte[]>(11)))
            ),
            row.GetString(12)
        );

    private void Execute(string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(sql, parameters);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}

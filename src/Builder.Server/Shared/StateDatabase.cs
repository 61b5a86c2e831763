using System.Globalization;
using Builder.Server.Options;
using Npgsql;
using NpgsqlTypes;

namespace Builder.Server.Shared;

/// <summary>
/// The tables of a server's state: <c>server_lease</c> (one row: who serves), <c>server_event</c> (a row for each group of events),
/// <c>server_snapshot</c> and <c>server_key</c>.
/// </summary>
/// <remarks>
/// Each statement is a transaction of its own and goes out whole: a process that is stopped holds no lock between two statements.
/// </remarks>
internal sealed class StateDatabase(SharedStateOptions options) : IAsyncDisposable
{
    /// <summary>Of the tables. A later one is refused.</summary>
    private const int Format = 1;

    /// <summary>So that two servers that start at once do not make the same table.</summary>
    private const long SchemaLock = 0x6275_696c_6465_7231;

    private readonly NpgsqlDataSource standby = Open(options, "builder-server-standby");

    public SharedStateOptions Options => options;

    /// <summary>Connections whose backends are known by the epoch that they serve.</summary>
    public NpgsqlDataSource OpenFor(long epoch) => Open(options, NameOf(epoch));

    /// <summary>Makes the tables where they are absent.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached, or the role may not make tables.</exception>
    /// <exception cref="InvalidDataException">A later version of this program made the tables.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await standby.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await using var command = new NpgsqlCommand(
                $"""
                SELECT pg_advisory_xact_lock({SchemaLock.ToString(CultureInfo.InvariantCulture)});
                CREATE TABLE IF NOT EXISTS server_lease (
                    id integer PRIMARY KEY CHECK (id = 1),
                    epoch bigint NOT NULL,
                    holder text NOT NULL,
                    until timestamptz NOT NULL,
                    format integer NOT NULL);
                CREATE TABLE IF NOT EXISTS server_event (
                    seq bigint PRIMARY KEY,
                    epoch bigint NOT NULL,
                    format integer NOT NULL,
                    crc bigint NOT NULL,
                    data bytea NOT NULL);
                CREATE TABLE IF NOT EXISTS server_snapshot (
                    seq bigint NOT NULL,
                    epoch bigint NOT NULL,
                    part integer NOT NULL,
                    is_last boolean NOT NULL,
                    format integer NOT NULL,
                    crc bigint NOT NULL,
                    data bytea NOT NULL,
                    PRIMARY KEY (seq, epoch, part));
                CREATE TABLE IF NOT EXISTS server_key (
                    name text PRIMARY KEY,
                    pem text NOT NULL);
                INSERT INTO server_lease (id, epoch, holder, until, format)
                VALUES (1, 0, '', '-infinity', {Format.ToString(CultureInfo.InvariantCulture)})
                ON CONFLICT DO NOTHING
                """,
                connection,
                transaction
            );
            await command.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        await using var look = standby.CreateCommand("SELECT format FROM server_lease WHERE id = 1");
        if (await look.ExecuteScalarAsync(cancellationToken) is int format and > Format)
            throw new InvalidDataException(
                $"the state in the database has format {format}, this program knows {Format}: a later version wrote it; update this server"
            );
    }

    /// <summary>Who serves, and for how many seconds yet; none or fewer where the lease has run out.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task<SeenLease> LookAsync(CancellationToken cancellationToken)
    {
        await using var command = standby.CreateCommand(
            """
            SELECT epoch, holder, until > clock_timestamp()
            FROM server_lease
            WHERE id = 1
            """
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new SeenLease(reader.GetInt64(0), reader.GetString(1), reader.GetBoolean(2))
            : throw new InvalidDataException("the table server_lease has no row: restore the database from a backup");
    }

    /// <summary>Takes over a lease that has run out.</summary>
    /// <returns>The new epoch; null where another server was quicker.</returns>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task<long?> TryTakeAsync(SeenLease seen, CancellationToken cancellationToken)
    {
        // A statement of a process that was stopped while it sent holds its locks: its backend goes first.
        await using (
            var end = standby.CreateCommand(
                """
                SELECT pg_terminate_backend(pid)
                FROM pg_stat_activity
                WHERE datname = current_database() AND usename = current_user AND application_name = $1
                """
            )
        )
        {
            end.Parameters.Add(new NpgsqlParameter<string> { TypedValue = NameOf(seen.Epoch) });
            await end.ExecuteNonQueryAsync(cancellationToken);
        }
        await using var take = standby.CreateCommand(
            """
            UPDATE server_lease
            SET epoch = epoch + 1, holder = $1, until = clock_timestamp() + make_interval(secs => $2)
            WHERE id = 1 AND epoch = $3 AND until <= clock_timestamp()
            RETURNING epoch
            """
        );
        take.Parameters.Add(new NpgsqlParameter<string> { TypedValue = options.Holder });
        take.Parameters.Add(new NpgsqlParameter<double> { TypedValue = options.LeaseTime.TotalSeconds });
        take.Parameters.Add(new NpgsqlParameter<long> { TypedValue = seen.Epoch });
        return await take.ExecuteScalarAsync(cancellationToken) as long?;
    }

    public ValueTask DisposeAsync() => standby.DisposeAsync();

    internal static NpgsqlParameter Bytes(ReadOnlyMemory<byte> content) =>
        new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = content, NpgsqlDbType = NpgsqlDbType.Bytea };

    private static string NameOf(long epoch) => string.Create(CultureInfo.InvariantCulture, $"builder-server-{epoch}");

    private static NpgsqlDataSource Open(SharedStateOptions options, string name)
    {
        const int Seconds = 4;
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            ApplicationName = name,
            Timeout = Seconds,
            CommandTimeout = Seconds,
            // A database that is cut off does not answer a request to cancel either.
            CancellationTimeout = -1,
            MaxPoolSize = 4,
            Enlist = false,
        };
        settings.Options = $"-c lock_timeout=3s -c idle_in_transaction_session_timeout=5s {settings.Options}".TrimEnd();
        return new NpgsqlSlimDataSourceBuilder(settings.ConnectionString).EnableTransportSecurity().Build();
    }
}

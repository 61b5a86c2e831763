using Builder.Storage.Database;

namespace Builder.Storage.Leases;

/// <summary>Which web processes share a PostgreSQL database. With SQLite nothing is recorded.</summary>
public sealed class WebProcesses(BuilderDatabase database)
{
    private const string Now = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

    /// <summary>A process that died is shown for so long.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>This process lives. Forgets those that were not heard of for a day.</summary>
    /// <param name="lease">It counts as dead when it was not heard of for so long.</param>
    public async Task BeatAsync(
        string id,
        string host,
        int processId,
        string version,
        string address,
        TimeSpan lease,
        CancellationToken cancellationToken
    )
    {
        if (database.Engine == DatabaseEngine.Sqlite)
            return;
        await using var session = await database.OpenReadAsync(cancellationToken);
        await session.ExecuteAsync(
            $"""
            INSERT INTO web_process (id, host, pid, version, address, started, seen, lease)
            VALUES (@id, @host, @pid, @version, @address, {Now}, {Now}, @lease)
            ON CONFLICT (id) DO UPDATE SET seen = {Now}, address = @address
            """,
            cancellationToken,
            ("@id", id),
            ("@host", host),
            ("@pid", processId),
            ("@version", version),
            ("@address", address),
            ("@lease", (long)lease.TotalMilliseconds)
        );
        await session.ExecuteAsync(
            $"DELETE FROM web_process WHERE seen < {Now} - @kept",
            cancellationToken,
            ("@kept", (long)Kept.TotalMilliseconds)
        );
    }

    /// <summary>This process ends.</summary>
    public async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        if (database.Engine == DatabaseEngine.Sqlite)
            return;
        await using var session = await database.OpenReadAsync(cancellationToken);
        await session.ExecuteAsync("DELETE FROM web_process WHERE id = @id", cancellationToken, ("@id", id));
    }

    /// <summary>Those that were heard of within a day, by host; none with SQLite.</summary>
    public static async Task<IReadOnlyList<WebProcess>> ListAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.Engine == DatabaseEngine.Sqlite
            ? []
            : await session.QueryAsync(
                $"""
                SELECT id, host, pid, version, address, started, seen, CASE WHEN seen >= {Now} - lease THEN 1 ELSE 0 END
                FROM web_process
                ORDER BY host, started
                """,
                static row => new WebProcess(
                    row.Text(0),
                    row.Text(1),
                    (int)row.Integer(2),
                    row.Text(3),
                    row.Text(4),
                    DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(5)),
                    DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(6)),
                    row.Integer(7) == 1
                ),
                cancellationToken
            );
}

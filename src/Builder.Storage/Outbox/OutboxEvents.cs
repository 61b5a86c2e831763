using Builder.Storage.Database;

namespace Builder.Storage.Outbox;

/// <summary>
/// Events in the order in which they were recorded. Each is written in the transaction that causes it, so none is lost and none is about something that
/// did not happen.
/// </summary>
public static class OutboxEvents
{
    private const string Columns = "id, event_key, kind, job, platform, build_uuid, data, created";

    /// <summary>Inside the caller's transaction. An event that is known already is not recorded again.</summary>
    public static Task AddAsync(DatabaseSession session, NewEvent found, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            """
            INSERT INTO outbox_event (event_key, kind, job, platform, build_uuid, data, created)
            VALUES (@key, @kind, @job, @platform, @build, @data, @created)
            ON CONFLICT (event_key) DO NOTHING
            """,
            cancellationToken,
            ("@key", found.Key),
            ("@kind", found.Kind),
            ("@job", found.Job),
            ("@platform", found.Platform),
            ("@build", found.Build?.ToString()),
            ("@data", found.Data),
            ("@created", now.ToUnixTimeMilliseconds())
        );

    /// <summary>For events that nothing else in the database goes with. Pages that were made stay right.</summary>
    public static Task AddAsync(
        BuilderDatabase database,
        IReadOnlyCollection<NewEvent> found,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        found.Count == 0
            ? Task.CompletedTask
            : database.WriteQuietlyAsync(
                async session =>
                {
                    foreach (var one in found)
                        await AddAsync(session, one, now, cancellationToken);
                    return true;
                },
                cancellationToken
            );

    /// <summary>Oldest first.</summary>
    public static Task<List<OutboxEvent>> AfterAsync(
        DatabaseSession session,
        long position,
        int max,
        CancellationToken cancellationToken
    ) =>
        session.QueryAsync(
            $"SELECT {Columns} FROM outbox_event WHERE id > @position ORDER BY id LIMIT @max",
            Read,
            cancellationToken,
            ("@position", position),
            ("@max", max)
        );

    public static Task<OutboxEvent?> FindAsync(DatabaseSession session, long id, CancellationToken cancellationToken) =>
        session.QueryFirstAsync($"SELECT {Columns} FROM outbox_event WHERE id = @id", Read, cancellationToken, ("@id", id));

    public static async Task<long> LastIdAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        await session.QueryFirstAsync(
            "SELECT id FROM outbox_event ORDER BY id DESC LIMIT 1",
            static row => row.Integer(0),
            cancellationToken
        );

    /// <summary>Whether the occurrence was recorded before.</summary>
    public static Task<bool> IsKnownAsync(DatabaseSession session, string key, CancellationToken cancellationToken) =>
        session.AnyAsync("SELECT 1 FROM outbox_event WHERE event_key = @key", cancellationToken, ("@key", key));

    /// <summary>Forgets events from before that time that no target waits for. What can happen once only stays: it would be told again.</summary>
    public static Task<int> ForgetAsync(BuilderDatabase database, DateTimeOffset before, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync(
                    """
                    DELETE FROM outbox_event
                    WHERE created < @before AND kind <> @once
                      AND id <= COALESCE((SELECT MIN(position) FROM outbox_target), 0)
                      AND NOT EXISTS (SELECT 1 FROM outbox_letter WHERE outbox_letter.event = outbox_event.id)
                    """,
                    cancellationToken,
                    ("@before", before.ToUnixTimeMilliseconds()),
                    ("@once", EventKind.AdvisoryMatched)
                ),
            cancellationToken
        );

    private static OutboxEvent Read(Row row) =>
        new(
            row.Integer(0),
            row.Text(1),
            row.Text(2),
            row.TextOrNull(3),
            row.TextOrNull(4),
            row.IsNull(5) ? null : row.Uuid(5),
            row.Text(6),
            DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(7))
        );
}

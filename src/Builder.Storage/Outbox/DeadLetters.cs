using Builder.Storage.Database;

namespace Builder.Storage.Outbox;

/// <summary>Events that were not delivered and are not tried again by themselves. An operator sends them again or drops them.</summary>
public static class DeadLetters
{
    private const string Columns = """
        SELECT outbox_letter.target, outbox_letter.event, outbox_event.kind, outbox_event.job, outbox_letter.problem, outbox_letter.created,
            outbox_letter.is_due
        FROM outbox_letter
        JOIN outbox_event ON outbox_event.id = outbox_letter.event
        """;

    /// <summary>A letter that was sent again was refused again.</summary>
    public static Task RefuseAgainAsync(
        BuilderDatabase database,
        string target,
        long sent,
        string problem,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        database.WriteQuietlyAsync(
            async session =>
            {
                await AddAsync(session, target, sent, problem, now, cancellationToken);
                return true;
            },
            cancellationToken
        );

    /// <summary>Letters that an operator wants sent again, oldest first.</summary>
    public static Task<List<long>> DueAsync(DatabaseSession session, string target, int max, CancellationToken cancellationToken) =>
        session.QueryAsync(
            "SELECT event FROM outbox_letter WHERE target = @target AND is_due = 1 ORDER BY event LIMIT @max",
            static row => row.Integer(0),
            cancellationToken,
            ("@target", target),
            ("@max", max)
        );

    /// <summary>Newest first.</summary>
    public static Task<List<DeadLetter>> ListAsync(DatabaseSession session, int max, CancellationToken cancellationToken) =>
        session.QueryAsync(
            $"{Columns} ORDER BY outbox_letter.id DESC LIMIT @max",
            static row => new DeadLetter(
                row.Text(0),
                row.Integer(1),
                row.Text(2),
                row.TextOrNull(3),
                row.Text(4),
                DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(5)),
                row.Integer(6) == 1
            ),
            cancellationToken,
            ("@max", max)
        );

    /// <summary>Has letters sent again.</summary>
    /// <param name="only">One event; null for all of the target.</param>
    /// <returns>How many.</returns>
    public static Task<int> RetryAsync(BuilderDatabase database, string target, long? only, CancellationToken cancellationToken) =>
        ChangeAsync(database, "UPDATE outbox_letter SET is_due = 1", target, only, cancellationToken);

    /// <summary>Forgets letters.</summary>
    /// <param name="only">One event; null for all of the target.</param>
    /// <returns>How many.</returns>
    public static Task<int> DropAsync(BuilderDatabase database, string target, long? only, CancellationToken cancellationToken) =>
        ChangeAsync(database, "DELETE FROM outbox_letter", target, only, cancellationToken);

    private static Task<int> ChangeAsync(
        BuilderDatabase database,
        string change,
        string target,
        long? only,
        CancellationToken cancellationToken
    ) =>
        database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync(
                    $"{change} WHERE target = @target AND event BETWEEN @first AND @last",
                    cancellationToken,
                    ("@target", target),
                    ("@first", only ?? 0),
                    ("@last", only ?? long.MaxValue)
                ),
            cancellationToken
        );

    /// <summary>Inside the caller's transaction.</summary>
    internal static Task AddAsync(
        DatabaseSession session,
        string target,
        long one,
        string problem,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        session.ExecuteAsync(
            """
            INSERT INTO outbox_letter (target, event, problem, created, is_due)
            VALUES (@target, @event, @problem, @now, 0)
            ON CONFLICT (target, event) DO UPDATE SET problem = excluded.problem, created = excluded.created, is_due = 0
            """,
            cancellationToken,
            ("@target", target),
            ("@event", one),
            ("@problem", OutboxTargets.Short(problem)),
            ("@now", now.ToUnixTimeMilliseconds())
        );
}

using Builder.Storage.Database;

namespace Builder.Storage.Outbox;

/// <summary>
/// How far each target is in the sequence of events. One process at a time sends to a target: it holds a lease, and only its holder can note progress.
/// </summary>
public static class OutboxTargets
{
    private const int MaxProblem = 400;

    private const string Columns = "name, position, attempts, failing_since, due, problem, delivered, last_delivered, lease_until";

    /// <summary>Takes or renews the lease. A target that was not known begins with what happens from now on.</summary>
    /// <param name="owner">This process, and nobody else.</param>
    /// <returns>Null where another process has it.</returns>
    public static Task<TargetState?> TakeAsync(
        BuilderDatabase database,
        string name,
        string owner,
        DateTimeOffset now,
        TimeSpan lease,
        CancellationToken cancellationToken
    ) =>
        database.WriteQuietlyAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    """
                    INSERT INTO outbox_target (name, position, attempts, due, delivered, lease_until)
                    VALUES (@name, @position, 0, 0, 0, 0)
                    ON CONFLICT (name) DO NOTHING
                    """,
                    cancellationToken,
                    ("@name", name),
                    ("@position", await OutboxEvents.LastIdAsync(session, cancellationToken))
                );
                var taken = await session.ExecuteAsync(
                    """
                    UPDATE outbox_target
                    SET lease_owner = @owner, lease_until = @until
                    WHERE name = @name AND (lease_owner = @owner OR lease_owner IS NULL OR lease_until < @now)
                    """,
                    cancellationToken,
                    ("@name", name),
                    ("@owner", owner),
                    ("@until", (now + lease).ToUnixTimeMilliseconds()),
                    ("@now", now.ToUnixTimeMilliseconds())
                );
                return taken == 0 ? null : await FindAsync(session, name, now, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Events up to <see cref="TargetProgress.Position"/> are done with. Renews the lease.</summary>
    /// <returns>False where the lease was lost: nothing was noted.</returns>
    public static Task<bool> AdvanceAsync(
        BuilderDatabase database,
        string name,
        string owner,
        TargetProgress progress,
        DateTimeOffset now,
        TimeSpan lease,
        CancellationToken cancellationToken
    ) =>
        database.WriteQuietlyAsync(
            async session =>
            {
                var noted = await session.ExecuteAsync(
                    """
                    UPDATE outbox_target
                    SET position = @position, delivered = delivered + @delivered, lease_until = @until,
                        attempts = CASE WHEN @alive = 1 THEN 0 ELSE attempts END,
                        failing_since = CASE WHEN @alive = 1 THEN NULL ELSE failing_since END,
                        problem = CASE WHEN @alive = 1 THEN NULL ELSE problem END,
                        last_delivered = CASE WHEN @delivered > 0 THEN @now ELSE last_delivered END
                    WHERE name = @name AND lease_owner = @owner AND position <= @position
                    """,
                    cancellationToken,
                    ("@name", name),
                    ("@owner", owner),
                    ("@position", progress.Position),
                    ("@delivered", progress.Delivered),
                    ("@until", (now + lease).ToUnixTimeMilliseconds()),
                    ("@alive", progress.HasAnswered ? 1 : 0),
                    ("@now", now.ToUnixTimeMilliseconds())
                );
                if (noted == 0)
                    return false;
                foreach (var (refused, problem) in progress.SetAside)
                    await DeadLetters.AddAsync(session, name, refused, problem, now, cancellationToken);
                return true;
            },
            cancellationToken
        );

    /// <summary>An attempt failed; the next one is due then.</summary>
    public static Task FailAsync(
        BuilderDatabase database,
        string name,
        string owner,
        string problem,
        DateTimeOffset now,
        DateTimeOffset due,
        CancellationToken cancellationToken
    ) =>
        database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync(
                    """
                    UPDATE outbox_target
                    SET attempts = attempts + 1, failing_since = COALESCE(failing_since, @now), due = @due, problem = @problem
                    WHERE name = @name AND lease_owner = @owner
                    """,
                    cancellationToken,
                    ("@name", name),
                    ("@owner", owner),
                    ("@now", now.ToUnixTimeMilliseconds()),
                    ("@due", due.ToUnixTimeMilliseconds()),
                    ("@problem", Short(problem))
                ),
            cancellationToken
        );

    /// <summary>Lets another process go on at once.</summary>
    public static Task ReleaseAsync(BuilderDatabase database, string owner, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync(
                    "UPDATE outbox_target SET lease_owner = NULL, lease_until = 0 WHERE lease_owner = @owner",
                    cancellationToken,
                    ("@owner", owner)
                ),
            cancellationToken
        );

    /// <summary>Who holds leases.</summary>
    public static Task<List<string>> OwnersAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.QueryAsync(
            "SELECT DISTINCT lease_owner FROM outbox_target WHERE lease_owner IS NOT NULL",
            static row => row.Text(0),
            cancellationToken
        );

    /// <summary>Makes the next attempt due now.</summary>
    /// <returns>False where nothing was ever due for a target of that name.</returns>
    public static Task<bool> HurryAsync(BuilderDatabase database, string name, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            async session =>
                await session.ExecuteAsync("UPDATE outbox_target SET due = 0 WHERE name = @name", cancellationToken, ("@name", name)) > 0,
            cancellationToken
        );

    /// <summary>Leaves out the events up to this one, for an operator who does not want them sent.</summary>
    /// <returns>False where the target is further already, or is not known.</returns>
    public static Task<bool> SkipAsync(BuilderDatabase database, string name, long position, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            async session =>
                await session.ExecuteAsync(
                    """
                    UPDATE outbox_target
                    SET position = @position, attempts = 0, failing_since = NULL, problem = NULL, due = 0
                    WHERE name = @name AND position < @position
                    """,
                    cancellationToken,
                    ("@name", name),
                    ("@position", position)
                ) > 0,
            cancellationToken
        );

    public static Task<List<TargetState>> ListAsync(DatabaseSession session, DateTimeOffset now, CancellationToken cancellationToken) =>
        session.QueryAsync($"SELECT {Columns} FROM outbox_target ORDER BY name", row => Read(row, now), cancellationToken);

    public static Task<TargetState?> FindAsync(
        DatabaseSession session,
        string name,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        session.QueryFirstAsync(
            $"SELECT {Columns} FROM outbox_target WHERE name = @name",
            row => Read(row, now),
            cancellationToken,
            ("@name", name)
        );

    internal static string Short(string problem) => problem.Length <= MaxProblem ? problem : problem[..MaxProblem];

    private static TargetState Read(Row row, DateTimeOffset now) =>
        new(
            row.Text(0),
            row.Integer(1),
            (int)row.Integer(2),
            row.IntegerOrNull(3) is { } since ? DateTimeOffset.FromUnixTimeMilliseconds(since) : null,
            DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(4)),
            row.TextOrNull(5),
            row.Integer(6),
            row.IntegerOrNull(7) is { } last ? DateTimeOffset.FromUnixTimeMilliseconds(last) : null,
            row.Integer(8) >= now.ToUnixTimeMilliseconds()
        );
}

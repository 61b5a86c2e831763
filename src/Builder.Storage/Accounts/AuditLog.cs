using Builder.Storage.Database;

namespace Builder.Storage.Accounts;

/// <summary>The audit log. The database itself refuses to change or delete an entry.</summary>
public sealed class AuditLog(BuilderDatabase database, TimeProvider clock)
{
    private const int MaxTextLength = 300;

    private static readonly string[] Outcomes = ["done", "refused", "failed"];

    public static string NameOf(AuditOutcome outcome) => Outcomes[(int)outcome];

    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync(
                    """
                    INSERT INTO audit (time, actor, way, address, action, subject, outcome, detail)
                    VALUES (@time, @actor, @way, @address, @action, @subject, @outcome, @detail)
                    """,
                    cancellationToken,
                    ("@time", clock.GetUtcNow().ToUnixTimeSeconds()),
                    ("@actor", Short(entry.Actor)),
                    ("@way", Short(entry.Way)),
                    ("@address", Short(entry.Address)),
                    ("@action", entry.Action),
                    ("@subject", Short(entry.Subject)),
                    ("@outcome", NameOf(entry.Outcome)),
                    ("@detail", Short(entry.Detail))
                ),
            cancellationToken
        );

    /// <summary>The newest first.</summary>
    /// <param name="before">Only entries with a lower number.</param>
    /// <param name="actor">Only what this account did; null for all.</param>
    public async Task<IReadOnlyList<RecordedEntry>> ListAsync(long before, string? actor, int most, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var condition = actor is null ? "" : "AND actor = @actor";
        SqlParameter[] parameters = [("@before", before), ("@most", most)];
        return await session.QueryAsync(
            $"""
            SELECT id, time, actor, way, address, action, subject, outcome, detail
            FROM audit
            WHERE id < @before {condition}
            ORDER BY id DESC
            LIMIT @most
            """,
            static row => new RecordedEntry(
                row.Integer(0),
                DateTimeOffset.FromUnixTimeSeconds(row.Integer(1)),
                new AuditEntry(
                    row.Text(2),
                    row.Text(3),
                    row.Text(4),
                    row.Text(5),
                    row.Text(6),
                    (AuditOutcome)Math.Max(0, Array.IndexOf(Outcomes, row.Text(7))),
                    row.Text(8)
                )
            ),
            cancellationToken,
            actor is null ? parameters : [.. parameters, ("@actor", actor)]
        );
    }

    private static string Short(string text) => AuditText.Of(text, MaxTextLength);
}

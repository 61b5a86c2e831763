using Builder.Storage.Database;

namespace Builder.Storage.Rebuilders;

/// <summary>The rebuilders whose word a site takes, as its operator registered them.</summary>
public static class RebuilderRows
{
    /// <summary>Far more than a site has; a page lists them all.</summary>
    public const int MaxKeys = 1000;

    /// <summary>By name; of one name the oldest key first.</summary>
    public static Task<List<Rebuilder>> AllAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.QueryAsync(
            $"""
            SELECT name, key_id, public_key, added, retired, void_from
            FROM rebuilder
            ORDER BY id
            LIMIT {MaxKeys}
            """,
            Read,
            cancellationToken
        );

    /// <returns>False where the key is registered already, under whatever name.</returns>
    public static Task<bool> AddAsync(BuilderDatabase database, Rebuilder rebuilder, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
                await session.ExecuteAsync(
                    """
                    INSERT INTO rebuilder (name, key_id, public_key, added)
                    VALUES (@name, @key, @public, @added)
                    ON CONFLICT DO NOTHING
                    """,
                    cancellationToken,
                    ("@name", rebuilder.Name),
                    ("@key", rebuilder.KeyId),
                    ("@public", rebuilder.PublicKey.ToArray()),
                    ("@added", rebuilder.Added.ToUnixTimeSeconds())
                ) == 1,
            cancellationToken
        );

    /// <summary>Takes all keys of the name out of use; their statements go on counting.</summary>
    /// <returns>How many keys that were in use.</returns>
    public static Task<int> RetireAsync(BuilderDatabase database, string name, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
                session.ExecuteAsync(
                    "UPDATE rebuilder SET retired = @now WHERE name = @name AND retired IS NULL AND void_from IS NULL",
                    cancellationToken,
                    ("@now", now.ToUnixTimeSeconds()),
                    ("@name", name)
                ),
            cancellationToken
        );

    /// <summary>Statements of all keys of the name that were received from <paramref name="since"/> on do not count. An earlier time stays.</summary>
    /// <returns>How many keys the name has.</returns>
    public static Task<int> RevokeAsync(BuilderDatabase database, string name, DateTimeOffset since, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
                session.ExecuteAsync(
                    """
                    UPDATE rebuilder
                    SET void_from = CASE WHEN void_from < @since THEN void_from ELSE @since END
                    WHERE name = @name
                    """,
                    cancellationToken,
                    ("@since", since.ToUnixTimeSeconds()),
                    ("@name", name)
                ),
            cancellationToken
        );

    private static Rebuilder Read(Row row) => new(row.Text(0), row.Text(1), row.Blob(2), Time(row, 3)!.Value, Time(row, 4), Time(row, 5));

    private static DateTimeOffset? Time(Row row, int column) =>
        row.IntegerOrNull(column) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}

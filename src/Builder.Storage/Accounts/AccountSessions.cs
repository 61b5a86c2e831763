using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Accounts;

/// <summary>
/// Who is signed in, kept here and not in the browser, which has a secret alone. A session ends when it was not used for half a day, two weeks after
/// it began, and when it is revoked.
/// </summary>
public sealed class AccountSessions(BuilderDatabase database, TimeProvider clock)
{
    public static readonly TimeSpan MaxIdle = TimeSpan.FromHours(12);
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(14);

    /// <summary>Older ones end when a user has so many.</summary>
    public const int MaxPerUser = 20;

    private const int MaxAgentLength = 200;

    /// <summary>How exactly it is known when a session was used last: not each request writes.</summary>
    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(5);

    /// <returns>The secret for the browser; it is kept nowhere.</returns>
    public async Task<string> BeginAsync(UserId user, string way, string address, string agent, CancellationToken cancellationToken)
    {
        var secret = AccountSecret.New();
        var now = Now;
        await database.WriteQuietlyAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    """
                    INSERT INTO sign_in_session ("user", secret, way, address, agent, created, seen)
                    VALUES (@user, @secret, @way, @address, @agent, @now, @now)
                    """,
                    cancellationToken,
                    ("@user", user),
                    ("@secret", AccountSecret.HashOf(secret)),
                    ("@way", way),
                    ("@address", address),
                    ("@agent", AuditText.Of(agent, MaxAgentLength)),
                    ("@now", now)
                );
                await session.ExecuteAsync(
                    "DELETE FROM sign_in_session WHERE created < @oldest",
                    cancellationToken,
                    ("@oldest", now - (long)MaxAge.TotalSeconds)
                );
                return await session.ExecuteAsync(
                    """
                    DELETE FROM sign_in_session
                    WHERE "user" = @user
                        AND id NOT IN (SELECT id FROM sign_in_session WHERE "user" = @user ORDER BY id DESC LIMIT @most)
                    """,
                    cancellationToken,
                    ("@user", user),
                    ("@most", MaxPerUser)
                );
            },
            cancellationToken
        );
        return secret;
    }

    /// <summary>Null: no such session, or it has ended.</summary>
    public async Task<SignedIn?> FindAsync(string secret, CancellationToken cancellationToken)
    {
        if (secret.Length != AccountSecret.Length)
            return null;
        SignedIn? found;
        var now = Now;
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            found = await session.QueryFirstAsync(
                $"""
                SELECT {AccountRows.UserColumns}, {SessionColumns}
                FROM sign_in_session
                JOIN "user" ON "user".id = sign_in_session."user"
                LEFT JOIN account ON account."user" = "user".id
                WHERE sign_in_session.secret = @secret
                    AND sign_in_session.seen > @idle
                    AND sign_in_session.created > @oldest
                    AND COALESCE(account.disabled, 0) = 0
                """,
                static row => new SignedIn(AccountRows.User(row), Read(row, AccountRows.UserColumnCount)),
                cancellationToken,
                ("@secret", AccountSecret.HashOf(secret)),
                ("@idle", now - (long)MaxIdle.TotalSeconds),
                ("@oldest", now - (long)MaxAge.TotalSeconds)
            );
            if (found is null)
                return null;
            found = found with { User = await AccountRows.WithJobsAsync(session, found.User, cancellationToken) };
        }
        if (clock.GetUtcNow() - found.Session.Seen >= Precision)
            await TouchAsync(found.Session.Id, now, cancellationToken);
        return found;
    }

    /// <summary>Those that count, the newest first.</summary>
    public async Task<IReadOnlyList<AccountSession>> ListAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.QueryAsync(
            $"""
            SELECT {SessionColumns}
            FROM sign_in_session
            WHERE "user" = @user AND seen > @idle AND created > @oldest
            ORDER BY id DESC
            """,
            static row => Read(row, 0),
            cancellationToken,
            ("@user", user),
            ("@idle", Now - (long)MaxIdle.TotalSeconds),
            ("@oldest", Now - (long)MaxAge.TotalSeconds)
        );
    }

    /// <returns>False where the user has no such session.</returns>
    public Task<bool> RevokeAsync(UserId user, long id, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            async session =>
                await session.ExecuteAsync(
                    "DELETE FROM sign_in_session WHERE id = @id AND \"user\" = @user",
                    cancellationToken,
                    ("@id", id),
                    ("@user", user)
                ) == 1,
            cancellationToken
        );

    /// <returns>How many there were.</returns>
    public Task<int> RevokeAllAsync(UserId user, long except, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync(
                    "DELETE FROM sign_in_session WHERE \"user\" = @user AND id <> @except",
                    cancellationToken,
                    ("@user", user),
                    ("@except", except)
                ),
            cancellationToken
        );

    private const string SessionColumns =
        "sign_in_session.id, sign_in_session.way, sign_in_session.address, sign_in_session.agent, sign_in_session.created, sign_in_session.seen";

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    private static AccountSession Read(Row row, int column) =>
        new(
            row.Integer(column),
            row.Text(column + 1),
            row.Text(column + 2),
            row.Text(column + 3),
            DateTimeOffset.FromUnixTimeSeconds(row.Integer(column + 4)),
            DateTimeOffset.FromUnixTimeSeconds(row.Integer(column + 5))
        );

    private Task<int> TouchAsync(long id, long now, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync(
                    "UPDATE sign_in_session SET seen = @now WHERE id = @id AND seen < @now",
                    cancellationToken,
                    ("@now", now),
                    ("@id", id)
                ),
            cancellationToken
        );
}

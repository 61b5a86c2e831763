using Builder.Storage.Database;

namespace Builder.Storage.Accounts;

/// <summary>Links that sign somebody in once, without a password, for a few minutes: for the first administrator.</summary>
public sealed class SignInLinks(BuilderDatabase database, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <returns>The secret of the link; it is kept nowhere.</returns>
    /// <exception cref="UserNotFoundException">No such user, or it is disabled.</exception>
    public async Task<string> MakeAsync(string user, CancellationToken cancellationToken)
    {
        var secret = AccountSecret.New();
        await database.WriteQuietlyAsync(
            async session =>
            {
                await session.ExecuteAsync("DELETE FROM sign_in_link WHERE expires < @now", cancellationToken, ("@now", Now));
                var made = await session.ExecuteAsync(
                    """
                    INSERT INTO sign_in_link ("user", secret, expires)
                    SELECT "user".id, @secret, @expires
                    FROM "user"
                    LEFT JOIN account ON account."user" = "user".id
                    WHERE "user".username = @name AND COALESCE(account.disabled, 0) = 0
                    """,
                    cancellationToken,
                    ("@secret", AccountSecret.HashOf(secret)),
                    ("@expires", Now + (long)Lifetime.TotalSeconds),
                    ("@name", user)
                );
                return made == 1 ? true : throw new UserNotFoundException(user);
            },
            cancellationToken
        );
        return secret;
    }

    /// <summary>The user, once; null where the link was used, is too old, or never was.</summary>
    public Task<User?> RedeemAsync(string secret, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            async session =>
            {
                var user = await session.QueryFirstAsync(
                    $"""
                    SELECT {AccountRows.UserColumns}
                    FROM sign_in_link
                    JOIN "user" ON "user".id = sign_in_link."user"
                    LEFT JOIN account ON account."user" = "user".id
                    WHERE sign_in_link.secret = @secret AND sign_in_link.expires > @now AND COALESCE(account.disabled, 0) = 0
                    """,
                    AccountRows.User,
                    cancellationToken,
                    ("@secret", AccountSecret.HashOf(secret)),
                    ("@now", Now)
                );
                await session.ExecuteAsync(
                    "DELETE FROM sign_in_link WHERE secret = @secret",
                    cancellationToken,
                    ("@secret", AccountSecret.HashOf(secret))
                );
                return user;
            },
            cancellationToken
        );

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();
}

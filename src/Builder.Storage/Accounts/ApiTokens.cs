using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Accounts;

/// <summary>Tokens for programs: Bearer, or in place of the password of Basic. Each is for some things, and for some time.</summary>
public sealed class ApiTokens(BuilderDatabase database, TimeProvider clock)
{
    /// <summary>So that tokens are found in logs and files, and never taken for passwords.</summary>
    public const string Prefix = "builder_";

    public const int MaxPerUser = 100;
    public const int MaxNameLength = 100;

    /// <summary>How exactly it is known when a token was used last.</summary>
    private static readonly TimeSpan Precision = TimeSpan.FromHours(1);

    public static bool IsToken(string secret) =>
        secret.Length == Prefix.Length + AccountSecret.Length && secret.StartsWith(Prefix, StringComparison.Ordinal);

    /// <param name="lifetime">Null: it does not expire.</param>
    /// <returns>The secret, which is kept nowhere; null where the user has as many as may be.</returns>
    /// <exception cref="UserNotFoundException">No such user.</exception>
    public async Task<string?> MakeAsync(
        string user,
        string name,
        TokenScopes scopes,
        TimeSpan? lifetime,
        CancellationToken cancellationToken
    )
    {
        var secret = AccountSecret.New(Prefix);
        var isMade = await database.WriteQuietlyAsync(
            async session =>
            {
                var owner = await UserAdministration.FindAsync(session, user, cancellationToken);
                var count = await session.IntegerAsync(
                    "SELECT COUNT(*) FROM api_token WHERE \"user\" = @user",
                    cancellationToken,
                    ("@user", owner)
                );
                if (count >= MaxPerUser)
                    return false;
                await session.ExecuteAsync(
                    """
                    INSERT INTO api_token ("user", name, secret, scopes, created, expires)
                    VALUES (@user, @name, @secret, @scopes, @now, @expires)
                    """,
                    cancellationToken,
                    ("@user", owner),
                    ("@name", AuditText.Of(name, MaxNameLength)),
                    ("@secret", AccountSecret.HashOf(secret)),
                    ("@scopes", scopes.ToString()),
                    ("@now", Now),
                    ("@expires", lifetime is { } span ? Now + (long)span.TotalSeconds : null)
                );
                return true;
            },
            cancellationToken
        );
        return isMade ? secret : null;
    }

    /// <summary>Whose token it is and what for; null where there is none such, or it has expired.</summary>
    public async Task<(User User, ApiToken Token)?> FindAsync(string secret, CancellationToken cancellationToken)
    {
        if (!IsToken(secret))
            return null;
        (User User, ApiToken Token)? found;
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            found = await session.QueryFirstAsync(
                $"""
                SELECT {AccountRows.UserColumns}, {TokenColumns}
                FROM api_token
                JOIN "user" ON "user".id = api_token."user"
                LEFT JOIN account ON account."user" = "user".id
                WHERE api_token.secret = @secret
                    AND (api_token.expires IS NULL OR api_token.expires > @now)
                    AND COALESCE(account.disabled, 0) = 0
                """,
                static row => ((User, ApiToken)?)(AccountRows.User(row), Read(row, AccountRows.UserColumnCount, row.Text(1))),
                cancellationToken,
                ("@secret", AccountSecret.HashOf(secret)),
                ("@now", Now)
            );
            if (found is not var (user, token))
                return null;
            found = (await AccountRows.WithJobsAsync(session, user with { Scopes = token.Scopes }, cancellationToken), token);
        }
        if (found.Value.Token.Seen is not { } seen || clock.GetUtcNow() - seen >= Precision)
            await TouchAsync(found.Value.Token.Id, cancellationToken);
        return found;
    }

    /// <summary>Of the user, or of all; the newest first.</summary>
    public async Task<IReadOnlyList<ApiToken>> ListAsync(UserId? user, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var owner = user is null ? "" : "WHERE api_token.\"user\" = @user";
        SqlParameter[] parameters = user is { } id ? [("@user", id)] : [];
        return await session.QueryAsync(
            $"""
            SELECT "user".username, {TokenColumns}
            FROM api_token
            JOIN "user" ON "user".id = api_token."user"
            {owner}
            ORDER BY api_token.id DESC
            """,
            static row => Read(row, 1, row.Text(0)),
            cancellationToken,
            parameters
        );
    }

    /// <param name="user">Whose it must be; null for anybody's.</param>
    /// <returns>What it was called and whose it was; null where there is none such.</returns>
    public Task<ApiToken?> RevokeAsync(UserId? user, long id, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            async session =>
            {
                var found = await session.QueryFirstAsync(
                    $"""
                    SELECT "user".username, api_token."user", {TokenColumns}
                    FROM api_token
                    JOIN "user" ON "user".id = api_token."user"
                    WHERE api_token.id = @id
                    """,
                    static row => ((UserId, ApiToken)?)(row.UserId(1), Read(row, 2, row.Text(0))),
                    cancellationToken,
                    ("@id", id)
                );
                if (found is not var (owner, token) || (user is { } wanted && owner != wanted))
                    return null;
                await session.ExecuteAsync("DELETE FROM api_token WHERE id = @id", cancellationToken, ("@id", id));
                return token;
            },
            cancellationToken
        );

    private const string TokenColumns =
        "api_token.id, api_token.name, api_token.scopes, api_token.created, api_token.expires, api_token.seen";

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    private static ApiToken Read(Row row, int column, string user) =>
        new(
            row.Integer(column),
            user,
            row.Text(column + 1),
            TokenScopes.Stored(row.Text(column + 2)),
            DateTimeOffset.FromUnixTimeSeconds(row.Integer(column + 3)),
            row.IntegerOrNull(column + 4) is { } expires ? DateTimeOffset.FromUnixTimeSeconds(expires) : null,
            row.IntegerOrNull(column + 5) is { } seen ? DateTimeOffset.FromUnixTimeSeconds(seen) : null
        );

    private Task<int> TouchAsync(long id, CancellationToken cancellationToken) =>
        database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync("UPDATE api_token SET seen = @now WHERE id = @id", cancellationToken, ("@now", Now), ("@id", id)),
            cancellationToken
        );
}

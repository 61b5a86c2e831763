using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Accounts;

/// <summary>
/// Accounts of people whom a provider of OpenID Connect knows. They are known again by issuer and subject, never by a name: names change hands. An account that
/// was here before is not taken over by whoever has its name at the provider.
/// </summary>
public sealed class AccountIdentities(BuilderDatabase database)
{
    private const int MaxNameLength = 255;

    /// <param name="names">For a new account: the first that is free.</param>
    /// <param name="role">What the provider's claims give now; it takes the place of the role from before.</param>
    /// <returns>Null where the account is disabled, or no name is free.</returns>
    public Task<User?> AdmitAsync(
        string issuer,
        string subject,
        IReadOnlyList<string> names,
        AccountRole role,
        CancellationToken cancellationToken
    ) =>
        database.WriteQuietlyAsync(
            async session =>
            {
                var known = await session.QueryFirstAsync(
                    """
                    SELECT account_identity."user"
                    FROM account_identity
                    WHERE issuer = @issuer AND subject = @subject
                    """,
                    static row => (UserId?)row.UserId(0),
                    cancellationToken,
                    ("@issuer", issuer),
                    ("@subject", subject)
                );
                if ((known ?? await AddAsync(session, issuer, subject, names, role, cancellationToken)) is not { } user)
                    return null;
                await AccountRows.SetAsync(session, user, role, isDisabled: null, cancellationToken);
                return await session.QueryFirstAsync(
                    $"""
                    SELECT {AccountRows.UserColumns}
                    FROM "user"
                    LEFT JOIN account ON account."user" = "user".id
                    WHERE "user".id = @user AND COALESCE(account.disabled, 0) = 0
                    """,
                    AccountRows.User,
                    cancellationToken,
                    ("@user", user)
                );
            },
            cancellationToken
        );

    private static async Task<UserId?> AddAsync(
        DatabaseSession session,
        string issuer,
        string subject,
        IReadOnlyList<string> names,
        AccountRole role,
        CancellationToken cancellationToken
    )
    {
        foreach (var name in names.Select(static name => AuditText.Of(name, MaxNameLength).Replace(':', '_')))
        {
            // Whoever only uploads has no jobs until somebody lists them.
            if (
                !await UserAdministration.InsertAsync(
                    session,
                    name,
                    PasswordHash.Disabled,
                    isRestricted: role == AccountRole.Uploader,
                    role,
                    cancellationToken
                )
            )
                continue;
            var user = await UserAdministration.FindAsync(session, name, cancellationToken);
            await session.ExecuteAsync(
                "INSERT INTO account_identity (\"user\", issuer, subject) VALUES (@user, @issuer, @subject)",
                cancellationToken,
                ("@user", user),
                ("@issuer", issuer),
                ("@subject", subject)
            );
            return user;
        }
        return null;
    }
}

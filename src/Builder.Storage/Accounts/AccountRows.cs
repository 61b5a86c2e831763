using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Accounts;

/// <summary>What several queries read of a user.</summary>
internal static class AccountRows
{
    public const string UserColumns = "\"user\".id, \"user\".username, \"user\".restricted, account.role";
    public const int UserColumnCount = 4;

    public static User User(Row row) => new(row.UserId(0), row.Text(1), row.Boolean(2)) { Role = AccountRoles.Read(row.TextOrNull(3)) };

    /// <summary>With the access list, where it counts.</summary>
    public static async Task<User> WithJobsAsync(DatabaseSession session, User user, CancellationToken cancellationToken) =>
        user.IsRestricted
            ? user with
            {
                Jobs = await session.QueryAsync(
                    "SELECT job.name FROM access_list JOIN job ON job.id = access_list.job WHERE access_list.\"user\" = @user ORDER BY job.name",
                    static row => row.Text(0),
                    cancellationToken,
                    ("@user", user.Id)
                ),
            }
            : user;

    public static Task SetAsync(
        DatabaseSession session,
        UserId user,
        AccountRole? role,
        bool? isDisabled,
        CancellationToken cancellationToken
    ) =>
        session.ExecuteAsync(
            """
            INSERT INTO account ("user", role, disabled)
            VALUES (@user, COALESCE(@role, 'uploader'), COALESCE(@disabled, 0))
            ON CONFLICT ("user") DO UPDATE
            SET role = COALESCE(@role, account.role), disabled = COALESCE(@disabled, account.disabled)
            """,
            cancellationToken,
            ("@user", user),
            ("@role", role is { } known ? AccountRoles.NameOf(known) : null),
            ("@disabled", isDisabled is { } disabled ? (disabled ? 1L : 0L) : null)
        );

    public static Task EnableAsync(DatabaseSession session, UserId user, CancellationToken cancellationToken) =>
        session.ExecuteAsync("UPDATE account SET disabled = 0 WHERE \"user\" = @user", cancellationToken, ("@user", user));

    /// <summary>Ends whatever lets the user in beside a password.</summary>
    public static async Task EndAccessAsync(DatabaseSession session, UserId user, bool withTokens, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync("DELETE FROM sign_in_session WHERE \"user\" = @user", cancellationToken, ("@user", user));
        await session.ExecuteAsync("DELETE FROM sign_in_link WHERE \"user\" = @user", cancellationToken, ("@user", user));
        if (withTokens)
            await session.ExecuteAsync("DELETE FROM api_token WHERE \"user\" = @user", cancellationToken, ("@user", user));
    }
}

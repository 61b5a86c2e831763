using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Values;

namespace Builder.Storage.Accounts;

/// <summary>What operators do with users and their access.</summary>
public sealed class UserAdministration(BuilderDatabase database)
{
    /// <summary>False where the name is taken.</summary>
    public async Task<bool> AddAsync(
        string name,
        string password,
        bool isRestricted,
        ScryptParameters parameters,
        CancellationToken cancellationToken,
        AccountRole role = AccountRole.Uploader
    )
    {
        var hash = PasswordHash.Of(password, parameters);
        return await database.WriteAsync(
            session => InsertAsync(session, name, hash, isRestricted, role, cancellationToken),
            cancellationToken
        );
    }

    /// <summary>A user whom a one-time link or a provider lets in, and no password. False where the name is taken.</summary>
    public Task<bool> AddWithoutPasswordAsync(string name, bool isRestricted, AccountRole role, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => InsertAsync(session, name, PasswordHash.Disabled, isRestricted, role, cancellationToken),
            cancellationToken
        );

    /// <summary>Sets what is not null. A new password ends the user's sessions, and enables a disabled user.</summary>
    /// <exception cref="UserNotFoundException">No such user.</exception>
    public Task UpdateAsync(
        string name,
        string? password,
        bool? isRestricted,
        ScryptParameters parameters,
        CancellationToken cancellationToken,
        AccountRole? role = null
    )
    {
        var hash = password is null ? null : PasswordHash.Of(password, parameters);
        return database.WriteAsync(
            async session =>
            {
                var user = await FindAsync(session, name, cancellationToken);
                if (hash is not null)
                {
                    await SetHashAsync(session, user, hash, cancellationToken);
                    await AccountRows.EndAccessAsync(session, user, withTokens: false, cancellationToken);
                    await AccountRows.EnableAsync(session, user, cancellationToken);
                }
                if (role is not null)
                    await AccountRows.SetAsync(session, user, role, isDisabled: null, cancellationToken);
                if (isRestricted is { } restricted)
                {
                    await session.ExecuteAsync(
                        "UPDATE \"user\" SET restricted = @restricted WHERE id = @user",
                        cancellationToken,
                        ("@restricted", restricted),
                        ("@user", user)
                    );
                }
            },
            cancellationToken
        );
    }

    /// <summary>No password, session or token leads to the user any more; access and builds stay.</summary>
    /// <exception cref="UserNotFoundException">No such user.</exception>
    public Task DisableAsync(string name, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
            {
                var user = await FindAsync(session, name, cancellationToken);
                await SetHashAsync(session, user, PasswordHash.Disabled, cancellationToken);
                await AccountRows.SetAsync(session, user, role: null, isDisabled: true, cancellationToken);
                await AccountRows.EndAccessAsync(session, user, withTokens: true, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>False where builds of this user are there: they need their user, who can be disabled.</summary>
    /// <exception cref="UserNotFoundException">No such user.</exception>
    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
            {
                var user = await FindAsync(session, name, cancellationToken);
                if (await session.AnyAsync("SELECT 1 FROM build WHERE \"user\" = @user LIMIT 1", cancellationToken, ("@user", user)))
                    return false;
                await session.ExecuteAsync("DELETE FROM access_list WHERE \"user\" = @user", cancellationToken, ("@user", user));
                await AccountRows.EndAccessAsync(session, user, withTokens: true, cancellationToken);
                await session.ExecuteAsync("DELETE FROM account_identity WHERE \"user\" = @user", cancellationToken, ("@user", user));
                await session.ExecuteAsync("DELETE FROM account WHERE \"user\" = @user", cancellationToken, ("@user", user));
                await session.ExecuteAsync("DELETE FROM \"user\" WHERE id = @user", cancellationToken, ("@user", user));
                return true;
            },
            cancellationToken
        );

    public async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken)
    {
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
            return false;
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.AnyAsync("SELECT 1 FROM \"user\" WHERE username = @name", cancellationToken, ("@name", name));
    }

    /// <summary>All users by name, with the jobs on their access lists.</summary>
    public async Task<IReadOnlyList<UserListing>> ListAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var access = await session.QueryAsync(
            """
            SELECT access_list."user", job.name
            FROM access_list
            JOIN job ON job.id = access_list.job
            ORDER BY job.name
            """,
            static row => (User: row.UserId(0), Job: row.Text(1)),
            cancellationToken
        );
        var jobs = access.ToLookup(entry => entry.User, entry => entry.Job);
        return await session.QueryAsync(
            """
            SELECT "user".id, "user".username, "user".restricted, account.role, "user".password_hash, account.disabled
            FROM "user"
            LEFT JOIN account ON account."user" = "user".id
            ORDER BY "user".username
            """,
            row => new UserListing(
                row.Text(1),
                row.Boolean(2),
                row.IntegerOrNull(5) is { } disabled ? disabled != 0 : row.Blob(4).Length == 0,
                [.. jobs[row.UserId(0)]]
            )
            {
                Role = AccountRoles.Read(row.TextOrNull(3)),
            },
            cancellationToken
        );
    }

    /// <summary>Puts the job, which is made where it is new, on the user's access list. False where it stood there already.</summary>
    /// <exception cref="UserNotFoundException">No such user.</exception>
    public Task<bool> AddAccessAsync(string name, JobName job, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
            {
                var user = await FindAsync(session, name, cancellationToken);
                await session.ExecuteAsync("INSERT INTO job (name) VALUES (@job) ON CONFLICT DO NOTHING", cancellationToken, ("@job", job));
                return await session.ExecuteAsync(
                        """
                        INSERT INTO access_list ("user", job)
                        SELECT @user, id FROM job WHERE name = @job
                        ON CONFLICT DO NOTHING
                        """,
                        cancellationToken,
                        ("@user", user),
                        ("@job", job)
                    ) == 1;
            },
            cancellationToken
        );

    /// <summary>False where the job did not stand there.</summary>
    /// <exception cref="UserNotFoundException">No such user.</exception>
    public Task<bool> RemoveAccessAsync(string name, JobName job, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
                await session.ExecuteAsync(
                    "DELETE FROM access_list WHERE \"user\" = @user AND job = (SELECT id FROM job WHERE name = @job)",
                    cancellationToken,
                    ("@user", await FindAsync(session, name, cancellationToken)),
                    ("@job", job)
                ) > 0,
            cancellationToken
        );

    internal static async Task<bool> InsertAsync(
        DatabaseSession session,
        string name,
        PasswordHash hash,
        bool isRestricted,
        AccountRole role,
        CancellationToken cancellationToken
    )
    {
        var made = await session.ExecuteAsync(
            """
            INSERT INTO "user" (username, password_hash, password_salt, scrypt_n, scrypt_r, scrypt_p, restricted)
            VALUES (@name, @hash, @salt, @n, @r, @p, @restricted)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            [("@name", name), .. Columns(hash), ("@restricted", isRestricted)]
        );
        if (made != 1)
            return false;
        if (role == AccountRole.Uploader && !hash.IsDisabled)
            return true;
        var user = await FindAsync(session, name, cancellationToken);
        await AccountRows.SetAsync(session, user, role, isDisabled: false, cancellationToken);
        return true;
    }

    internal static async Task<UserId> FindAsync(DatabaseSession session, string name, CancellationToken cancellationToken) =>
        await session.QueryFirstAsync(
            "SELECT id FROM \"user\" WHERE username = @name",
            static row => (UserId?)row.UserId(0),
            cancellationToken,
            ("@name", name)
        ) ?? throw new UserNotFoundException(name);

    private static Task<int> SetHashAsync(DatabaseSession session, UserId user, PasswordHash hash, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            """
            UPDATE "user"
            SET password_hash = @hash, password_salt = @salt, scrypt_n = @n, scrypt_r = @r, scrypt_p = @p
            WHERE id = @user
            """,
            cancellationToken,
            [.. Columns(hash), ("@user", user)]
        );

    private static SqlParameter[] Columns(PasswordHash hash) =>
        [("@hash", hash.Hash), ("@salt", hash.Salt), ("@n", hash.Parameters.N), ("@r", hash.Parameters.R), ("@p", hash.Parameters.P)];
}

using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

/// <summary>
/// Roles, sessions, tokens and the audit log. The table of users stays as the original made it. Sessions and one-time links do not outlive a rollback:
/// people sign in again.
/// </summary>
internal sealed class AccountTables() : AddedTables(Kept)
{
    private static readonly RowsFile Kept = new(
        "_accounts.jsonl",
        "accounts",
        [
            ("account", ["user", "role", "disabled"]),
            ("account_identity", ["id", "user", "issuer", "subject"]),
            ("api_token", ["id", "user", "name", "secret", "scopes", "created", "expires", "seen"]),
            ("audit", ["id", "time", "actor", "way", "address", "action", "subject", "outcome", "detail"]),
        ],
        ["secret"],
        IsOrphanAsync
    );

    public override string Identifier => "2026-11-27-accounts";

    public override long OldVersion => 22;

    public override string Summary => "roles of users, sessions, API tokens and the audit log";

    public override string RollbackSummary =>
        "roles, API tokens and the audit log leave the database for the file _accounts.jsonl, which the way up reads again; sessions end";

    protected override string Create(DatabaseEngine engine) =>
        For(engine, AccountSchema.Tables)
        + (engine == DatabaseEngine.Sqlite ? AccountSchema.AppendOnlyInSqlite : AccountSchema.AppendOnlyInPostgreSql);

    protected override string Drop(DatabaseEngine engine) =>
        engine == DatabaseEngine.Sqlite ? AccountSchema.Drop : AccountSchema.Drop + AccountSchema.DropFunctionOfPostgreSql;

    /// <summary>The older version may have removed the user meanwhile.</summary>
    private static async Task<bool> IsOrphanAsync(MigrationContext context, IReadOnlyList<SqlParameter> row) =>
        row.FirstOrDefault(parameter => parameter.Name == "@user") is { Name: not null } user
        && !await context.Session.AnyAsync("SELECT 1 FROM \"user\" WHERE id = @user", context.CancellationToken, user);
}

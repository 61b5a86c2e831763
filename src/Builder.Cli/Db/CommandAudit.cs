using Builder.Storage.Accounts;
using Builder.Storage.Database;

namespace Builder.Cli.Db;

/// <summary>What commands do with accounts stands in the audit log too, by the user of the machine.</summary>
internal static class CommandAudit
{
    public static Task AddAsync(BuilderDatabase database, string action, string subject, string detail = "") =>
        new AuditLog(database, TimeProvider.System).AddAsync(
            new AuditEntry(Environment.UserName, "command line", "", action, subject, AuditOutcome.Done, detail),
            CancellationToken.None
        );
}

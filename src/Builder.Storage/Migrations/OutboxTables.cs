using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

internal sealed class OutboxTables : Migration
{
    public override string Identifier => "2026-11-27-outbox";

    public override long OldVersion => 23;

    public override string Summary => "events to be told to others, and how far each target of notifications is";

    public override string RollbackSummary => "notifications that were not delivered are forgotten";

    public override Task MigrateAsync(MigrationContext context) =>
        context.ExecuteAsync(
            context.Session.Engine == DatabaseEngine.Sqlite
                ? Schema19.ForSqlite(OutboxSchema.Tables)
                : Schema19.ForPostgreSql(OutboxSchema.Tables)
        );

    public override Task RollbackAsync(MigrationContext context) => context.ExecuteAsync(OutboxSchema.Drop);
}

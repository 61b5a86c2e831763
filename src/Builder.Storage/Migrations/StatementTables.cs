using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

internal sealed class StatementTables : Migration
{
    private static readonly RowsFile File = new(
        "_statements.jsonl",
        "statements",
        [
            ("build_record", ["id", "build_uuid", "envelope"]),
            ("statement", ["id", "build_uuid", "kind", "envelope", "digest", "key_id", "log_index", "created"]),
            ("statement_subject", ["id", "sha256", "build_uuid"]),
        ],
        ["envelope", "digest", "sha256"]
    );

    public override string Identifier => "2026-11-27";

    public override long OldVersion => 19;

    public override string Summary => "signed statements about builds, and the records of build servers that they rest on";

    public override string RollbackSummary =>
        "signed statements leave the database for the file _statements.jsonl, which the way up reads again";

    public override async Task MigrateAsync(MigrationContext context)
    {
        await context.ExecuteAsync(
            context.Session.Engine == DatabaseEngine.Sqlite ? Schema19.ForSqlite(Schema20.Tables) : Schema19.ForPostgreSql(Schema20.Tables)
        );
        await File.ReadAsync(context);
    }

    /// <summary>The tables have what the file had.</summary>
    public override Task CleanAsync(MigrationContext context)
    {
        File.Delete(context);
        return Task.CompletedTask;
    }

    public override Task PrepareRollbackAsync(MigrationContext context) => File.WriteAsync(context);

    public override Task UndoPrepareRollbackAsync(MigrationContext context)
    {
        File.Delete(context);
        return Task.CompletedTask;
    }

    public override Task RollbackAsync(MigrationContext context) => context.ExecuteAsync(Schema20.Drop);
}

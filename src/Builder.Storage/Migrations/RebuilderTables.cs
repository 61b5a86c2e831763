using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

internal sealed class RebuilderTables : Migration
{
    private static readonly RowsFile File = new(
        "_rebuilders.jsonl",
        "rebuilders and their statements",
        [
            ("rebuilder", ["id", "name", "key_id", "public_key", "added", "retired", "void_from"]),
            (
                "rebuild_statement",
                ["id", "build_uuid", "key_id", "agrees", "envelope", "payload_digest", "links", "difference", "received"]
            ),
        ],
        ["public_key", "envelope", "payload_digest", "links"]
    );

    public override string Identifier => "2026-11-27-rebuilders";

    public override long OldVersion => 20;

    public override string Summary => "rebuilders, their statements, and which packages wait for them";

    public override string RollbackSummary =>
        "rebuilders and their statements leave the database for the file _rebuilders.jsonl, which the way up reads again";

    public override async Task MigrateAsync(MigrationContext context)
    {
        await context.ExecuteAsync(
            context.Session.Engine == DatabaseEngine.Sqlite
                ? Schema19.ForSqlite(RebuilderSchema.Tables)
                : Schema19.ForPostgreSql(RebuilderSchema.Tables)
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

    public override Task RollbackAsync(MigrationContext context) => context.ExecuteAsync(RebuilderSchema.Drop);
}

using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

internal sealed class RepetitionTables : Migration
{
    /// <summary>Servers say once what repeats what.</summary>
    private static readonly RowsFile File = new(
        "_repetitions.jsonl",
        "repetitions and regressions",
        [
            (
                "repetition",
                ["id", "build_uuid", "repeats", "job", "output", "repeated", "worker", "first_worker", "made", "missing", "finding"]
            ),
            ("regression", ["id", "job", "platform", "good_uuid", "bad_uuid", "found_d", "found_ps", "ended_d", "ended_ps"]),
        ],
        ["output", "repeated"]
    );

    public override string Identifier => "2026-11-27-repetitions";

    public override long OldVersion => 21;

    public override string Summary => "which builds repeat which and what was varied; jobs that ceased to be reproducible";

    public override string RollbackSummary =>
        "repetitions and regressions leave the database for the file _repetitions.jsonl, which the way up reads again";

    public override async Task MigrateAsync(MigrationContext context)
    {
        await context.ExecuteAsync(
            context.Session.Engine == DatabaseEngine.Sqlite
                ? Schema19.ForSqlite(RepetitionSchema.Tables)
                : Schema19.ForPostgreSql(RepetitionSchema.Tables)
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

    public override Task RollbackAsync(MigrationContext context) => context.ExecuteAsync(RepetitionSchema.Drop);
}

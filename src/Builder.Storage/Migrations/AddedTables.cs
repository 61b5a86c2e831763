using Builder.Storage.Database;

namespace Builder.Storage.Migrations;

/// <summary>
/// A step that only adds tables. On the way down their rows leave the database for a file of the data directory, where the step has one; on the way up they
/// are read from it again.
/// </summary>
/// <param name="kept">Null where the rows are forgotten.</param>
internal abstract class AddedTables(RowsFile? kept) : Migration
{
    public sealed override async Task MigrateAsync(MigrationContext context)
    {
        await context.ExecuteAsync(Create(context.Session.Engine));
        if (kept is not null)
            await kept.ReadAsync(context);
    }

    /// <summary>The tables have what the file had.</summary>
    public sealed override Task CleanAsync(MigrationContext context)
    {
        kept?.Delete(context);
        return Task.CompletedTask;
    }

    public sealed override Task PrepareRollbackAsync(MigrationContext context) => kept?.WriteAsync(context) ?? Task.CompletedTask;

    public sealed override Task UndoPrepareRollbackAsync(MigrationContext context)
    {
        kept?.Delete(context);
        return Task.CompletedTask;
    }

    public sealed override Task RollbackAsync(MigrationContext context) => context.ExecuteAsync(Drop(context.Session.Engine));

    /// <summary>SQL that makes the tables.</summary>
    protected abstract string Create(DatabaseEngine engine);

    /// <summary>SQL that removes them.</summary>
    protected abstract string Drop(DatabaseEngine engine);

    /// <summary>A text of <see cref="Schema19"/>'s kind for one engine.</summary>
    protected static string For(DatabaseEngine engine, string tables) =>
        engine == DatabaseEngine.Sqlite ? Schema19.ForSqlite(tables) : Schema19.ForPostgreSql(tables);
}

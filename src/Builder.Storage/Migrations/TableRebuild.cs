namespace Builder.Storage.Migrations;

/// <summary>SQLite changes a table by making another in its place: the way its documentation gives.</summary>
internal static class TableRebuild
{
    /// <param name="create">Creates <c>new_TABLE</c>.</param>
    /// <param name="fill">Fills it from the old one.</param>
    public static async Task RebuildAsync(this MigrationContext context, string table, string create, string fill)
    {
        // Ids are never given out twice, not even those of rows deleted since.
        var sequence = await context.Session.QueryFirstAsync(
            "SELECT seq FROM sqlite_sequence WHERE name = @table",
            static row => (long?)row.Integer(0),
            context.CancellationToken,
            ("@table", table)
        );
        await context.ExecuteAsync(create);
        await context.ExecuteAsync(fill);
        await context.ExecuteAsync($"DROP TABLE {table}");
        await context.ExecuteAsync($"ALTER TABLE new_{table} RENAME TO {table}");
        if (sequence is null)
            return;
        await context.Session.ExecuteAsync("DELETE FROM sqlite_sequence WHERE name = @table", context.CancellationToken, ("@table", table));
        await context.Session.ExecuteAsync(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (@table, @seq)",
            context.CancellationToken,
            ("@table", table),
            ("@seq", sequence)
        );
    }
}

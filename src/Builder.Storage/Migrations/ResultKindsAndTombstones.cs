using System.Text;
using Builder.Protocol.Values;
using Builder.Storage.Budgets;
using Builder.Storage.Database;
using Builder.Storage.Differences;
using Builder.Storage.Failures;
using Builder.Storage.Files;
using Builder.Storage.Index;
using Builder.Storage.Leases;
using Builder.Storage.Packing;
using Builder.Storage.Search;
using Builder.Storage.Troubles;

namespace Builder.Storage.Migrations;

internal sealed class ResultKindsAndTombstones : Migration
{
    private const string BuildColumns =
        "id, uuid, start_d, start_ps, finish_d, finish_ps, console, script, platform, main_binary, \"user\", job, input_id";

    public override string Identifier => "2026-11-22";

    public override long OldVersion => 18;

    public override string Summary => "kind and number of results apart, memory of removed builds, an index for every page";

    public override string RollbackSummary => "one number for a result again; what is known of removed builds is forgotten";

    /// <summary>Before the transaction: a site starts with these files or with none.</summary>
    public override async Task PrepareAsync(MigrationContext context)
    {
        context.Files.DeleteFile(DownMarker(context.Directory));
        // A new database has nothing to do with what an earlier one left beside it.
        if (await context.Session.AnyAsync("SELECT 1 FROM sqlite_sequence", context.CancellationToken))
            new SetAside(context).TakeBack();
    }

    public override async Task MigrateAsync(MigrationContext context)
    {
        // 65536 with a message is a message, without one it is "stopped 1"; signals may be negative (OCaml's own numbers).
        await context.RebuildAsync(
            "build",
            Schema19.ForSqlite(Schema19.Build, "new_build"),
            $"""
            INSERT INTO new_build ({BuildColumns}, main_sha256, result_kind, result_number, result_msg)
            SELECT {BuildColumns},
                (SELECT sha256 FROM build_artifact WHERE build_artifact.id = build.main_binary),
                CASE
                    WHEN result_code = 65536 AND result_msg IS NOT NULL THEN {StoredResult.Message}
                    WHEN result_code BETWEEN 0 AND 255 THEN {StoredResult.Exited}
                    WHEN result_code % 65536 = 0 THEN {StoredResult.Stopped}
                    WHEN result_code % 256 = 0 THEN {StoredResult.Signalled}
                    ELSE {StoredResult.Exited}
                END,
                CASE
                    WHEN result_code = 65536 AND result_msg IS NOT NULL THEN NULL
                    WHEN result_code BETWEEN 0 AND 255 THEN result_code
                    WHEN result_code % 65536 = 0 THEN result_code / 65536
                    WHEN result_code % 256 = 0 THEN result_code / 256
                    ELSE result_code
                END,
                CASE WHEN result_code = 65536 THEN result_msg END
            FROM build
            """
        );
        await context.ExecuteAsync(Schema19.ForSqlite(Schema19.Indexes));
        await context.ExecuteAsync(Schema19.ForSqlite(Schema19.NewTables));
        // UNIQUE(build, filepath) finds a build's artifacts as well.
        await context.ExecuteAsync("DROP INDEX idx_build_artifact_build");
        await EscapeAsync(context, "build_artifact", "filepath");
        await EscapeAsync(context, "build", "platform");
        await EscapeAsync(context, "build", "result_msg");
        await RenameTagAsync(context, "readme.md", "readme");
    }

    public override Task CleanAsync(MigrationContext context) => context.ExecuteAsync("PRAGMA journal_mode = WAL");

    public override async Task PrepareRollbackAsync(MigrationContext context)
    {
        var place = context.KeepsOwnEntries ? null : new SetAside(context).MakePlace();
        await WriteMarkerAsync(context, place);
    }

    public override Task UndoPrepareRollbackAsync(MigrationContext context)
    {
        context.Files.DeleteFile(DownMarker(context.Directory));
        return Task.CompletedTask;
    }

    public override bool IsRollbackUnfinished(DataDirectory directory) => File.Exists(DownMarker(directory));

    public override async Task<bool> CleanAfterRollbackAsync(MigrationContext context)
    {
        if (!File.Exists(DownMarker(context.Directory)))
            return false;
        if (await File.ReadAllTextAsync(DownMarker(context.Directory), context.CancellationToken) is { Length: > 0 } place)
            new SetAside(context).MoveOut(place);
        await LeaveWriteAheadLogAsync(context);
        context.Files.DeleteFile(DownMarker(context.Directory));
        return true;
    }

    public override async Task RollbackAsync(MigrationContext context)
    {
        await UnescapeAsync(context, "build_artifact", "filepath");
        await UnescapeAsync(context, "build", "platform");
        await UnescapeAsync(context, "build", "result_msg");
        await context.RebuildAsync(
            "build",
            Schema18.Build.Replace("CREATE TABLE build", "CREATE TABLE new_build", StringComparison.Ordinal),
            $"""
            INSERT INTO new_build ({BuildColumns}, result_code, result_msg)
            SELECT {BuildColumns},
                CASE result_kind
                    WHEN {StoredResult.Exited} THEN result_number
                    WHEN {StoredResult.Signalled} THEN result_number * 256
                    WHEN {StoredResult.Stopped} THEN result_number * 65536
                    ELSE 65536
                END,
                result_msg
            FROM build
            """
        );
        await context.ExecuteAsync(Schema18.BuildIndexes);
        await context.ExecuteAsync("CREATE INDEX idx_build_artifact_build ON build_artifact(build)");
        await context.ExecuteAsync("DROP INDEX idx_job_tag_job");
        await context.ExecuteAsync(
            "DROP TABLE removed_artifact; DROP TABLE removed_build; DROP TABLE pending_removal; DROP TABLE revision; "
                + DifferenceTable.Drop
                + IndexTables.Drop
                + FailureTables.Drop
                + SearchTables.Drop
                + BudgetTable.Drop
                + PackingTable.Drop
                + LeaseTables.Drop
        );
        await RenameTagAsync(context, "readme", "readme.md");
    }

    /// <summary>What the original wrote as raw bytes becomes <see cref="StoredText"/>; nearly always nothing is to be done.</summary>
    private static async Task EscapeAsync(MigrationContext context, string table, string column)
    {
        var changed = new List<(long Id, string Text)>();
        var rows = context.Session.StreamAsync(
            $"SELECT id, CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL",
            static row => (Id: row.Integer(0), Bytes: new ByteString(row.Blob(1))),
            context.CancellationToken
        );
        await foreach (var (id, bytes) in rows)
        {
            var text = StoredText.FromBytes(bytes);
            if (ByteString.FromUtf8(text) != bytes)
                changed.Add((id, text));
        }
        foreach (var (id, text) in changed)
            await context.Session.ExecuteAsync(
                $"UPDATE {table} SET {column} = @text WHERE id = @id",
                context.CancellationToken,
                ("@text", text),
                ("@id", id)
            );
    }

    private static async Task UnescapeAsync(MigrationContext context, string table, string column)
    {
        var changed = new List<(long Id, ByteString Bytes)>();
        var rows = context.Session.StreamAsync(
            $"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL",
            static row => (Id: row.Integer(0), Text: row.Text(1)),
            context.CancellationToken
        );
        await foreach (var (id, text) in rows)
        {
            var bytes = StoredText.ToBytes(text);
            if (ByteString.FromUtf8(text) != bytes)
                changed.Add((id, bytes));
        }
        foreach (var (id, bytes) in changed)
        {
            await context.Session.ExecuteAsync(
                $"UPDATE {table} SET {column} = CAST(@bytes AS TEXT) WHERE id = @id",
                context.CancellationToken,
                ("@bytes", bytes.Memory.ToArray()),
                ("@id", id)
            );
        }
    }

    /// <summary>The original stores READMEs under one name and looks for them under another.</summary>
    private static async Task RenameTagAsync(MigrationContext context, string from, string to)
    {
        if (await context.Session.AnyAsync("SELECT 1 FROM tag WHERE tag = @to", context.CancellationToken, ("@to", to)))
        {
            await context.Session.ExecuteAsync(
                """
                UPDATE OR IGNORE job_tag
                SET tag = (SELECT id FROM tag WHERE tag = @to)
                WHERE tag = (SELECT id FROM tag WHERE tag = @from)
                """,
                context.CancellationToken,
                ("@to", to),
                ("@from", from)
            );
            return;
        }
        await context.Session.ExecuteAsync(
            "UPDATE tag SET tag = @to WHERE tag = @from",
            context.CancellationToken,
            ("@to", to),
            ("@from", from)
        );
    }

    /// <summary>The original's database has a rollback journal. A killed site leaves the files of the other one behind.</summary>
    private static async Task LeaveWriteAheadLogAsync(MigrationContext context)
    {
        context.Files.Step("change the journal mode");
        var mode = await context.Session.QueryFirstAsync(
            "PRAGMA journal_mode = DELETE",
            static row => row.Text(0),
            context.CancellationToken
        );
        if (mode != "delete")
            throw new SchemaException(
                $"the database keeps journal mode \"{mode}\": stop every program that has it open, then run this again"
            );
        var database = Path.Combine(context.Directory.Root, "builder.sqlite3");
        context.Files.DeleteFile(database + "-wal");
        context.Files.DeleteFile(database + "-shm");
    }

    /// <summary>Under another name first: a marker that is there is complete.</summary>
    private static async Task WriteMarkerAsync(MigrationContext context, string? place)
    {
        var partial = DownMarker(context.Directory) + ".partial";
        context.Files.DeleteFile(partial);
        await using (var file = context.Files.Create(partial))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(place ?? ""), context.CancellationToken);
            await context.Files.FlushAsync(file, context.CancellationToken);
        }
        context.Files.Move(partial, DownMarker(context.Directory));
    }

    /// <summary>There while files are still to be moved; in it the directory they go to, or nothing where they stay.</summary>
    private static string DownMarker(DataDirectory directory) => Path.Combine(directory.Root, "_migrating-19-18");
}

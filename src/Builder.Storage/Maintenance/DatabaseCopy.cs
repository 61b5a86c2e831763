using Builder.Storage.Budgets;
using Builder.Storage.Database;
using Builder.Storage.Failures;
using Builder.Storage.Index;
using Builder.Storage.Leases;
using Builder.Storage.Packing;
using Builder.Storage.Search;
using Builder.Storage.Troubles;

namespace Builder.Storage.Maintenance;

/// <summary>Copies all tables of one database into another, empty one of the same schema version; either may be SQLite or PostgreSQL.</summary>
public static class DatabaseCopy
{
    /// <summary>References go to earlier tables, but for a build's main binary, which is checked at the end of the transaction.</summary>
    private static readonly Table[] Tables =
    [
        new("job", ["id", "name"]),
        new("tag", ["id", "tag"]),
        new("user", ["id", "username", "password_hash", "password_salt", "scrypt_n", "scrypt_r", "scrypt_p", "restricted"]),
        new(
            "build",
            [
                "id",
                "uuid",
                "start_d",
                "start_ps",
                "finish_d",
                "finish_ps",
                "result_kind",
                "result_number",
                "result_msg",
                "console",
                "script",
                "platform",
                "main_binary",
                "main_sha256",
                "user",
                "job",
                "input_id",
            ]
        ),
        new("build_artifact", ["id", "filepath", "sha256", "size", "build"]),
        new("job_tag", ["id", "tag", "value", "job"]),
        new("access_list", ["id", "user", "job"]),
        new(
            "removed_build",
            [
                "id",
                "uuid",
                "job",
                "platform",
                "start_d",
                "start_ps",
                "finish_d",
                "finish_ps",
                "result_kind",
                "result_number",
                "result_msg",
                "main_binary",
                "input_id",
                "removed_d",
                "removed_ps",
            ]
        ),
        new("removed_artifact", ["id", "removed_build", "filepath", "sha256", "size"]),
        new("pending_removal", ["id", "sha256", "directory"]),
        new("build_record", ["id", "build_uuid", "envelope"]),
        new("statement", ["id", "build_uuid", "kind", "envelope", "digest", "key_id", "log_index", "created"]),
        new("statement_subject", ["id", "sha256", "build_uuid"]),
        new("attestation_task", ["id", "build_uuid", "kind", "attempts", "due", "refusal"]),
        new("rebuilder", ["id", "name", "key_id", "public_key", "added", "retired", "void_from"]),
        new("rebuild_statement", ["id", "build_uuid", "key_id", "agrees", "envelope", "payload_digest", "links", "difference", "received"]),
        new(
            "repetition",
            ["id", "build_uuid", "repeats", "job", "output", "repeated", "worker", "first_worker", "made", "missing", "finding"]
        ),
        new("regression", ["id", "job", "platform", "good_uuid", "bad_uuid", "found_d", "found_ps", "ended_d", "ended_ps"]),
        // Sessions and one-time links are not copied: a backup must not bring back one that was revoked.
        new("account", ["user", "role", "disabled"], "\"user\"", HasId: false),
        new("account_identity", ["id", "user", "issuer", "subject"]),
        new("api_token", ["id", "user", "name", "secret", "scopes", "created", "expires", "seen"]),
        new("audit", ["id", "time", "actor", "way", "address", "action", "subject", "outcome", "detail"]),
        new("publish_rule", ["job", "others", "independent", "after_build"], "job", HasId: false),
        new("outbox_event", ["id", "event_key", "kind", "job", "platform", "build_uuid", "data", "created"]),
        new(
            "outbox_target",
            [
                "id",
                "name",
                "position",
                "attempts",
                "failing_since",
                "due",
                "problem",
                "delivered",
                "last_delivered",
                "lease_owner",
                "lease_until",
            ]
        ),
        new("outbox_letter", ["id", "target", "event", "problem", "created", "is_due"]),
    ];

    /// <summary>The index of what builds contain.</summary>
    private static readonly Table[] IndexedTables =
    [
        new("package", ["id", "ecosystem", "name", "version"]),
        new("package_set", ["id", "sha256", "kind", "problem"]),
        new("package_member", ["package", "package_set", "way"], "package, package_set", HasId: false),
        new("package_place", ["id", "job", "platform"]),
        new(
            "package_use",
            ["package_set", "place", "builds", "first_uuid", "first_d", "first_ps", "last_uuid", "last_d", "last_ps"],
            "package_set, place",
            HasId: false
        ),
        new("package_progress", ["id", "build"], HasId: false),
    ];

    /// <summary>How contents are stored: the copy has the same data directory, or one that was copied with it.</summary>
    private static readonly Table[] PackingTables =
    [
        new("packed_content", ["sha256", "object", "base", "depth", "size", "packed_size", "whole"], "sha256", HasId: false),
    ];

    /// <param name="progress">Told table by table how many rows were copied.</param>
    /// <exception cref="SchemaException">The target holds something already.</exception>
    public static Task CopyAsync(
        BuilderDatabase from,
        BuilderDatabase to,
        IProgress<string> progress,
        CancellationToken cancellationToken
    ) =>
        // The source's writers wait, so that what is copied is one state of it.
        from.WriteAsync(source => CopyAsync(source, to, progress, cancellationToken), cancellationToken);

    internal static async Task CopyAsync(
        DatabaseSession source,
        BuilderDatabase to,
        IProgress<string> progress,
        CancellationToken cancellationToken
    )
    {
        await IndexTables.EnsureAsync(to, cancellationToken);
        // Empty: the site reads the consoles again.
        await FailureTables.EnsureAsync(to, cancellationToken);
        // Empty, too: consoles and binaries are read again.
        await SearchTables.EnsureAsync(to, cancellationToken);
        // Empty, too: budgets come from the build server again.
        await BudgetTable.EnsureAsync(to, cancellationToken);
        await PackingTable.EnsureAsync(to, cancellationToken);
        await LeaseTables.EnsureAsync(to, cancellationToken);
        // What removed builds contained stands in the index alone. A database that no site has opened since has none.
        var isIndexed = await IndexTables.ExistAsync(source, cancellationToken);
        Table[] tables =
        [
            .. Tables,
            .. isIndexed ? IndexedTables : [],
            .. await PackingTable.ExistsAsync(source, cancellationToken) ? PackingTables : [],
        ];
        await to.WriteAsync(
            async target =>
            {
                await target.ExecuteAsync("DELETE FROM package_progress WHERE build = 0", cancellationToken);
                foreach (var table in tables)
                {
                    if (await target.AnyAsync($"SELECT 1 FROM \"{table.Name}\" LIMIT 1", cancellationToken))
                        throw new SchemaException(
                            $"{to.Settings.Description} holds rows of {table.Name} already: copy into an empty database."
                        );
                }
                foreach (var table in tables)
                {
                    progress.Report($"{table.Name}: {await CopyTableAsync(table, source, target, cancellationToken)} rows");
                    if (table.HasId)
                        await GoOnCountingAsync(target, table, await LastIdAsync(source, table, cancellationToken), cancellationToken);
                }
                if (!isIndexed)
                    await target.ExecuteAsync("INSERT INTO package_progress (id, build) VALUES (1, 0)", cancellationToken);
            },
            cancellationToken
        );
    }

    private static async Task<long> CopyTableAsync(
        Table table,
        DatabaseSession source,
        DatabaseSession target,
        CancellationToken cancellationToken
    )
    {
        var columns = string.Join(", ", table.Columns.Select(column => $"\"{column}\""));
        var names = table.Columns.Select(column => "@" + column).ToArray();
        var insert = $"INSERT INTO \"{table.Name}\" ({columns}) VALUES ({string.Join(", ", names)})";
        var isBoolean = Array.IndexOf(table.Columns, "restricted");
        var count = 0L;
        var rows = source.StreamAsync(
            $"SELECT {columns} FROM \"{table.Name}\" ORDER BY {table.Order}",
            row =>
                Enumerable
                    .Range(0, names.Length)
                    .Select(i => new SqlParameter(names[i], i == isBoolean ? row.Boolean(i) : row.Value(i)))
                    .ToArray(),
            cancellationToken
        );
        await foreach (var values in rows)
        {
            await target.ExecuteAsync(insert, cancellationToken, values);
            count++;
        }
        return count;
    }

    /// <summary>The highest id that was ever given out: ids of rows that are gone are not given out again, since others may remember them.</summary>
    private static async Task<long> LastIdAsync(DatabaseSession source, Table table, CancellationToken cancellationToken)
    {
        if (source.Engine == DatabaseEngine.Sqlite)
        {
            return await source.QueryFirstAsync(
                "SELECT seq FROM sqlite_sequence WHERE name = @table",
                static row => row.Integer(0),
                cancellationToken,
                ("@table", table.Name)
            );
        }
        var sequence = await SequenceAsync(source, table, cancellationToken);
        return await source.QueryFirstAsync(
            $"SELECT last_value, is_called FROM {sequence}",
            static row => row.Boolean(1) ? row.Integer(0) : row.Integer(0) - 1,
            cancellationToken
        );
    }

    /// <summary>Rows that brought their ids along did not move PostgreSQL's counters, and SQLite's only as far as the rows go.</summary>
    private static async Task GoOnCountingAsync(DatabaseSession target, Table table, long last, CancellationToken cancellationToken)
    {
        if (target.Engine == DatabaseEngine.PostgreSql)
        {
            var sequence = await SequenceAsync(target, table, cancellationToken);
            await target.IntegerAsync($"SELECT setval('{sequence}', @next, false)", cancellationToken, ("@next", last + 1));
            return;
        }
        await target.ExecuteAsync("DELETE FROM sqlite_sequence WHERE name = @table", cancellationToken, ("@table", table.Name));
        if (last > 0)
            await target.ExecuteAsync(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (@table, @last)",
                cancellationToken,
                ("@table", table.Name),
                ("@last", last)
            );
    }

    private static async Task<string> SequenceAsync(DatabaseSession session, Table table, CancellationToken cancellationToken) =>
        await session.QueryFirstAsync(
            $"SELECT pg_get_serial_sequence('\"{table.Name}\"', 'id')",
            static row => row.Text(0),
            cancellationToken
        ) ?? throw new InvalidDataException($"the table {table.Name} has no counter");

    /// <param name="Order">Of the rows; those without an id of their own by their key.</param>
    private sealed record Table(string Name, string[] Columns, string Order = "id", bool HasId = true);
}

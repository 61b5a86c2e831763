using Builder.Storage.Database;

namespace Builder.Storage.Differences;

/// <summary>
/// The table of differences of main binaries. It is no part of the schema's version: it is made when it is missing, dropped on the way back to 18, and
/// everything in it can be computed again.
/// </summary>
internal static class DifferenceTable
{
    public const string Drop = "DROP TABLE IF EXISTS difference;";

    private const string Create = """
        CREATE TABLE IF NOT EXISTS difference (
            left_sha256 {blob} NOT NULL, -- of main binaries, the smaller hash at the left
            right_sha256 {blob} NOT NULL,
            version {int} NOT NULL, -- of the engine
            same_input {int} NOT NULL, -- 1 where builds of the same inputs left them: a reason beside a verdict
            attempts {int} NOT NULL, -- counted before each computation: one that ends the process is not tried for ever
            causes TEXT, -- JSON, the strongest first; null while there is no result
            message TEXT, -- why the last attempt gave no result
            revision {int} NOT NULL, -- of the database when pages last had to change because of this row
            PRIMARY KEY (left_sha256, right_sha256, version)
        );
        CREATE INDEX IF NOT EXISTS idx_difference_right ON difference(right_sha256);
        CREATE INDEX IF NOT EXISTS idx_difference_revision ON difference(revision);
        """;

    public static async Task EnsureAsync(BuilderDatabase database, CancellationToken cancellationToken)
    {
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            if (await ExistsAsync(session, cancellationToken))
                return;
        }
        var isSqlite = database.Engine == DatabaseEngine.Sqlite;
        var sql = Create
            .Replace("{blob}", isSqlite ? "BLOB" : "BYTEA", StringComparison.Ordinal)
            .Replace("{int}", isSqlite ? "INTEGER" : "BIGINT", StringComparison.Ordinal);
        await database.WriteQuietlyAsync(session => session.ExecuteAsync(sql, cancellationToken), cancellationToken);
    }

    private static Task<bool> ExistsAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.AnyAsync(
            session.Engine == DatabaseEngine.Sqlite
                ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'difference'"
                : "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'difference'",
            cancellationToken
        );
}

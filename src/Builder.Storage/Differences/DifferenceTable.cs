using Builder.Storage.Database;

namespace Builder.Storage.Differences;

/// <summary>
/// The tables of differences of main binaries and of those that are expected. They are no part of the schema's version: they are made when they are
/// missing, dropped on the way back to 18, and everything in them can be computed or asked for again.
/// </summary>
internal static class DifferenceTable
{
    public const string Drop = "DROP TABLE IF EXISTS difference; DROP TABLE IF EXISTS job_policy;";

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
        CREATE TABLE IF NOT EXISTS job_policy (
            job TEXT NOT NULL PRIMARY KEY, -- its name: a schedule may have jobs without builds
            expected TEXT NOT NULL -- JSON, differences that the schedule declares harmless: [[cause, path], ...]
        );
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
                ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'job_policy'"
                : "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'job_policy'",
            cancellationToken
        );
}

using Builder.Storage.Database;

namespace Builder.Storage.Failures;

/// <summary>
/// The first error of each failed build. The tables are no part of the schema's version: they are made when they are missing, dropped on the way back to
/// 18, and everything in them can be read again from the consoles.
/// </summary>
internal static class FailureTables
{
    public const string Drop = "DROP TABLE IF EXISTS failure; DROP TABLE IF EXISTS failure_progress;";

    private const string Create = """
        CREATE TABLE IF NOT EXISTS failure (
            build {int} PRIMARY KEY NOT NULL,
            fingerprint TEXT, -- null where nothing in the console looks like an error
            line {int} NOT NULL,
            tool TEXT NOT NULL,
            subject TEXT, -- the opam package
            summary TEXT NOT NULL, -- without place
            text TEXT NOT NULL,
            context TEXT NOT NULL -- lines, separated by newlines
        );
        CREATE INDEX IF NOT EXISTS idx_failure_fingerprint ON failure(fingerprint, build);
        CREATE TABLE IF NOT EXISTS failure_progress ( -- the last build that was looked at, and with which rules
            id {int} PRIMARY KEY NOT NULL CHECK (id = 1),
            build {int} NOT NULL,
            version {int} NOT NULL
        );
        INSERT INTO failure_progress (id, build, version) SELECT 1, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM failure_progress);
        """;

    public static async Task EnsureAsync(BuilderDatabase database, CancellationToken cancellationToken)
    {
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            if (await ExistAsync(session, cancellationToken))
                return;
        }
        var sql = Create.Replace("{int}", database.Engine == DatabaseEngine.Sqlite ? "INTEGER" : "BIGINT", StringComparison.Ordinal);
        await database.WriteQuietlyAsync(session => session.ExecuteAsync(sql, cancellationToken), cancellationToken);
    }

    // The last one that is made.
    private static Task<bool> ExistAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.AnyAsync(
            session.Engine == DatabaseEngine.Sqlite
                ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'failure_progress'"
                : "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'failure_progress'",
            cancellationToken
        );
}

using Builder.Storage.Database;

namespace Builder.Storage.Leases;

/// <summary>
/// The tables of work leases and of living processes. They are no part of the schema's version: they are made when they are missing and dropped on the way
/// back to 18. Backups and copies leave their rows out: those are about processes, not about builds.
/// </summary>
internal static class LeaseTables
{
    public const string Drop = "DROP TABLE IF EXISTS work_lease; DROP TABLE IF EXISTS web_process;";

    public static async Task EnsureAsync(BuilderDatabase database, CancellationToken cancellationToken)
    {
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            if (
                await session.AnyAsync(
                    session.Engine == DatabaseEngine.Sqlite
                        ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'web_process'"
                        : "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'web_process'",
                    cancellationToken
                )
            )
                return;
        }
        await database.WriteQuietlyAsync(
            session =>
                session.ExecuteAsync(
                    """
                    CREATE TABLE IF NOT EXISTS work_lease (
                        work TEXT NOT NULL PRIMARY KEY, -- what only one process does at a time
                        token TEXT NOT NULL, -- another one each time it is taken: results with an earlier one are refused
                        owner TEXT NOT NULL, -- id of the process
                        expires BIGINT NOT NULL -- times in milliseconds since 1970, by the database's clock
                    );
                    CREATE TABLE IF NOT EXISTS web_process (
                        id TEXT NOT NULL PRIMARY KEY,
                        host TEXT NOT NULL,
                        pid BIGINT NOT NULL,
                        version TEXT NOT NULL,
                        address TEXT NOT NULL, -- where it listens
                        started BIGINT NOT NULL,
                        seen BIGINT NOT NULL,
                        lease BIGINT NOT NULL -- in milliseconds: it is dead when it was not seen for so long
                    );
                    """,
                    cancellationToken
                ),
            cancellationToken
        );
    }
}

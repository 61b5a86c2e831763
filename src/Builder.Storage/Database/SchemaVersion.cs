using Builder.Storage.Troubles;

namespace Builder.Storage.Database;

/// <summary>Which schema a database has, and whether it is ours at all.</summary>
internal static class SchemaVersion
{
    /// <summary>The version this program reads and writes.</summary>
    public const long Newest = 24;

    /// <summary>The oldest version that this program brings up.</summary>
    public const long Oldest = 15;

    /// <summary>Null where the database is empty.</summary>
    /// <exception cref="SchemaException">It belongs to another program.</exception>
    public static async Task<long?> ReadAsync(DatabaseSession session, string description, CancellationToken cancellationToken)
    {
        var (application, version) =
            session.Engine == DatabaseEngine.Sqlite
                ? await ReadSqliteAsync(session, cancellationToken)
                : await ReadPostgreSqlAsync(session, cancellationToken);
        if (version is null)
            return null;
        if (application != BuilderDatabase.ApplicationId)
            throw new SchemaException(
                $"{description} is the database of another program: its application id is {application}, Builder's is {BuilderDatabase.ApplicationId}."
            );
        return version;
    }

    public static async Task RequireNewestAsync(BuilderDatabase database, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        var description = database.Settings.Description;
        var version = await ReadAsync(session, description, cancellationToken);
        if (version is null)
            throw new SchemaException($"{description} is empty: \"builder db migrate\" creates the tables.");
        if (version < Oldest)
            throw new SchemaException(
                $"{description} has schema version {version}: bring it to {Oldest} with the original builder-migrations first."
            );
        if (version < Newest)
            throw new SchemaException(
                $"{description} has schema version {version}, this program needs {Newest}: \"builder migrations migrate\" brings it up."
            );
        if (version > Newest)
            throw new SchemaException(
                $"{description} has schema version {version}, this program knows up to {Newest}: use the program that made it, or roll back with that one's \"builder migrations rollback\"."
            );
    }

    public static Task<long> RevisionAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.IntegerAsync("SELECT number FROM revision WHERE id = 1", cancellationToken);

    /// <summary>Other processes on PostgreSQL are told with the commit.</summary>
    public static Task BumpRevisionAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.Engine == DatabaseEngine.Sqlite
            ? session.ExecuteAsync("UPDATE revision SET number = number + 1 WHERE id = 1", cancellationToken)
            : session.AnyAsync(
                $"""
                WITH raised AS (UPDATE revision SET number = number + 1 WHERE id = 1 RETURNING number)
                SELECT pg_notify('{DatabaseChanges.Channel}', number::text) FROM raised
                """,
                cancellationToken
            );

    private static async Task<(long Application, long? Version)> ReadSqliteAsync(
        DatabaseSession session,
        CancellationToken cancellationToken
    )
    {
        var application = await session.IntegerAsync("PRAGMA application_id", cancellationToken);
        var version = await session.IntegerAsync("PRAGMA user_version", cancellationToken);
        var isEmpty = application == 0 && version == 0 && !await session.AnyAsync("SELECT 1 FROM sqlite_master", cancellationToken);
        return (application, isEmpty ? null : version);
    }

    private static async Task<(long Application, long? Version)> ReadPostgreSqlAsync(
        DatabaseSession session,
        CancellationToken cancellationToken
    )
    {
        var hasTable = await session.AnyAsync(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'schema_version'",
            cancellationToken
        );
        if (hasTable)
        {
            return await session.QueryFirstAsync(
                "SELECT application_id, version FROM schema_version WHERE id = 1",
                static row => (row.Integer(0), row.IntegerOrNull(1)),
                cancellationToken
            );
        }
        var hasOthers = await session.AnyAsync(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema()",
            cancellationToken
        );
        return (0, hasOthers ? 0 : null);
    }
}

using Builder.Storage.Database;

namespace Builder.Storage.Packing;

/// <summary>
/// How contents are stored that are not simply there. No part of the schema's version: made when it is missing, empty before any step down, dropped on the way
/// back to 18.
/// </summary>
internal static class PackingTable
{
    public const string Drop = "DROP TABLE IF EXISTS packed_content;";

    private const string Create = """
        CREATE TABLE IF NOT EXISTS packed_content (
            sha256 {blob} NOT NULL PRIMARY KEY, -- of the content
            object {blob}, -- SHA-256 of its packed form, which is stored as a content of its own; null where packing saves nothing
            base {blob}, -- SHA-256 of the content that the packed form is a patch of; null where it stands alone
            depth {int} NOT NULL, -- how many patches it takes to make the content
            size {int} NOT NULL, -- of the content
            packed_size {int} NOT NULL, -- of the packed form
            whole {int} NOT NULL -- 1 while the content itself is there, too
        );
        CREATE INDEX IF NOT EXISTS idx_packed_content_object ON packed_content(object);
        CREATE INDEX IF NOT EXISTS idx_packed_content_base ON packed_content(base);
        CREATE INDEX IF NOT EXISTS idx_packed_content_whole ON packed_content(whole);
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

    public static Task<bool> ExistsAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        session.AnyAsync(
            session.Engine == DatabaseEngine.Sqlite
                ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'packed_content'"
                : "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'packed_content'",
            cancellationToken
        );
}

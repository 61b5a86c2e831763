namespace Builder.Storage.Database;

/// <summary>What keeps the tables.</summary>
public enum DatabaseEngine
{
    /// <summary>A file in the data directory; nothing to set up.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server, given by a connection string.</summary>
    PostgreSql,
}

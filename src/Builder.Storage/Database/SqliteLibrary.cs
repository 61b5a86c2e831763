using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Builder.Storage.Database;

/// <summary>How SQLite itself runs in this process; to be said before its first use.</summary>
internal static class SqliteLibrary
{
    /// <summary>SQLITE_CONFIG_MULTITHREAD: no locks within a connection, since a session has one user at a time.</summary>
    private const int MultiThread = 2;

    /// <summary>SQLITE_CONFIG_MEMSTATUS, off: counting memory takes a lock that all connections share.</summary>
    private const int MemoryStatistics = 9;

    /// <summary>SQLITE_DBCONFIG_ENABLE_QPSG: a plan depends on the text of a query alone, not on values bound to it.</summary>
    private const int PlannerStability = 1007;

    /// <summary>Without effect, and without harm, where another part of the process has used SQLite before.</summary>
    public static void Configure()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(MultiThread);
        _ = raw.sqlite3_config(MemoryStatistics, 0);
    }

    /// <summary>Otherwise each value of a <c>LIMIT</c> has its query, prepared before, parsed and planned once more.</summary>
    public static void KeepPlans(SqliteConnection connection)
    {
        var code = raw.sqlite3_db_config(connection.Handle, PlannerStability, 1, out _);
        SqliteException.ThrowExceptionForRC(code, connection.Handle);
    }
}

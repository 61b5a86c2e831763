using System.Data.Common;
using System.Security.Authentication;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Builder.Storage.Troubles;

/// <summary>What an operator is told when the database fails: which one, what is amiss, and what mends it.</summary>
public static class DatabaseFault
{
    private const string DatabaseKey = "database";
    private const string QueryKey = "query";

    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static string Explain(DbException error)
    {
        var database = error.Data[DatabaseKey] as string ?? "the database";
        return error switch
        {
            SqliteException sqlite => $"{database} {Explain(sqlite)}",
            PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } =>
                $"{database} is locked by another session, which does not let go: pg_stat_activity and pg_locks show which.",
            PostgresException refusal => $"{database} refused: {refusal.MessageText} ({refusal.SqlState}).",
            NpgsqlException { InnerException: AuthenticationException refusal } =>
                $"{database} has a certificate that is not trusted ({refusal.Message.TrimEnd('.')}): name its authority's with \"Root Certificate=FILE\" in --database.",
            NpgsqlException { InnerException: TimeoutException } =>
                $"{database} does not answer in time: see that its server runs and is not overloaded.",
            NpgsqlException { InnerException: { } inner } => $"{database} cannot be reached: {inner.Message.TrimEnd('.')}.",
            _ => $"{database}: {error.Message}",
        };
    }

    /// <summary>Null where the error does not say which database it is of.</summary>
    public static string? DatabaseOf(Exception error) => error.Data[DatabaseKey] as string;

    /// <summary>Says with the error which database it came from, and from which query.</summary>
    internal static void Note(Exception error, string database, string? query = null)
    {
        error.Data[DatabaseKey] = database;
        if (query is not null)
            error.Data[QueryKey] = query;
    }

    private static string Explain(SqliteException error) =>
        error.SqliteErrorCode switch
        {
            Busy or Locked => "is locked by another process, which does not let go: look which programs have it open (fuser names them).",
            ReadOnly => "cannot be written: run this as the user that owns it, and see that its directory can be written too.",
            Corrupt => "is damaged: put a backup in its place (\"builder db backup\" makes them), or try the command .recover of sqlite3.",
            Full => "cannot grow: the disk is full.",
            CannotOpen =>
                "cannot be opened: see that the user who runs this may read and write it and its directory, and that file descriptors are left.",
            NotADatabase =>
                "is no SQLite database, or its beginning is damaged: see that this is the right directory, or put a backup in its place.",
            _ => $"failed: {error.Message}",
        };
}

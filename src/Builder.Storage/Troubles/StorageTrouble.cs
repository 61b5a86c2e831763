using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using Builder.Objects.Transfer;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Builder.Storage.Troubles;

/// <summary>A failure that is the machine's, not the request's: the same request succeeds when the cause is gone.</summary>
/// <param name="Place">The directory or database; the same for all requests that meet this trouble.</param>
/// <param name="Explanation">For the operator: what fails where, and how to fix it.</param>
public sealed record StorageTrouble(TroubleKind Kind, string Place, string Explanation)
{
    /// <summary>The driver has no name for it.</summary>
    private const string IdleInTransactionSessionTimeout = "25P03";

    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteReadOnly = 8;
    private const int SqliteInputOutput = 10;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;

    public bool IsOfDatabase =>
        Kind
            is TroubleKind.DatabaseLocked
                or TroubleKind.DatabaseUnreachable
                or TroubleKind.DatabaseUnwritable
                or TroubleKind.DatabaseSchema;

    /// <summary>For anybody: what is the matter, without names of this machine.</summary>
    public string Summary =>
        Kind switch
        {
            TroubleKind.DatabaseLocked => "The site's database is locked by another program.",
            TroubleKind.DatabaseUnreachable => "The site's database does not answer.",
            TroubleKind.DatabaseUnwritable => "The site's database cannot be written.",
            TroubleKind.DatabaseSchema => "The site's database has another version than the site's program.",
            TroubleKind.DiskFull => "The site's disk is full.",
            TroubleKind.ReadOnly => "The site's disk is read-only.",
            TroubleKind.Denied => "The site may not use a directory of its own.",
            TroubleKind.ObjectStore => "The site's object store does not answer as it should.",
            TroubleKind.Descriptors => "The site has no file descriptors left.",
            _ => "The site's disk fails.",
        };

    /// <summary>Null where the error is of another sort.</summary>
    /// <param name="dataDirectory">Paths below it count as one place, those below its directories with an underscore (<c>_staging</c>) as one each.</param>
    public static StorageTrouble? Of(Exception error, string? dataDirectory = null)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is ObjectStoreException refusal)
                return new StorageTrouble(TroubleKind.ObjectStore, refusal.Store, refusal.Message.TrimEnd('.'));
            if (OfDatabase(cause) is { } ofDatabase)
                return ofDatabase;
            if (FileErrors.KindOf(cause) is { } kind)
                return OfFile(kind, PlaceOf(FileErrors.PathIn(cause.Message), dataDirectory), cause.Message);
        }
        return null;
    }

    private static StorageTrouble? OfDatabase(Exception error)
    {
        TroubleKind? kind = error switch
        {
            SchemaException => TroubleKind.DatabaseSchema,
            SqliteException sqlite => KindOf(sqlite),
            PostgresException refusal => KindOf(refusal),
            NpgsqlException { InnerException: SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } } => null,
            NpgsqlException { InnerException: not null } => TroubleKind.DatabaseUnreachable,
            DatabaseUnavailableException { InnerException: null } => TroubleKind.DatabaseUnreachable,
            _ => null,
        };
        if (kind is null)
            return null;
        var explanation = error is DbException database ? DatabaseFault.Explain(database) : error.Message;
        return new StorageTrouble(kind.Value, DatabaseFault.DatabaseOf(error) ?? "the database", explanation.TrimEnd('.'));
    }

    private static TroubleKind? KindOf(SqliteException error) =>
        error.SqliteErrorCode switch
        {
            SqliteBusy or SqliteLocked => TroubleKind.DatabaseLocked,
            SqliteReadOnly => TroubleKind.DatabaseUnwritable,
            SqliteInputOutput => TroubleKind.Disk,
            SqliteFull => TroubleKind.DiskFull,
            SqliteCannotOpen => TroubleKind.DatabaseUnwritable,
            _ => null,
        };

    private static TroubleKind? KindOf(PostgresException error) =>
        error.SqlState switch
        {
            PostgresErrorCodes.LockNotAvailable => TroubleKind.DatabaseLocked,
            PostgresErrorCodes.DiskFull => TroubleKind.DiskFull,
            PostgresErrorCodes.ReadOnlySqlTransaction => TroubleKind.DatabaseUnwritable,
            PostgresErrorCodes.IoError => TroubleKind.Disk,
            PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.OutOfMemory => TroubleKind.DatabaseUnreachable,
            // This process was stopped or cut off while it wrote, and the database ended its session.
            IdleInTransactionSessionTimeout => TroubleKind.DatabaseUnreachable,
            // Class 57: it shuts down, starts up, or somebody ended the session. Class 08: the connection broke.
            ['5', '7', 'P', ..] or ['0', '8', ..] => TroubleKind.DatabaseUnreachable,
            _ => null,
        };

    private static StorageTrouble OfFile(TroubleKind kind, string? place, string message)
    {
        var where = place ?? "a directory of this program";
        return kind switch
        {
            TroubleKind.DiskFull => new(
                kind,
                where,
                $"no space left for {where}: free some on that disk, or raise its quota or limit of file size"
            ),
            TroubleKind.ReadOnly => new(
                kind,
                where,
                $"the file system of {where} is read-only: mount it for writing; the kernel's log may say why it is"
            ),
            TroubleKind.Denied => new(kind, where, $"the user {Environment.UserName} has no access to {where}: change its owner or mode"),
            TroubleKind.Descriptors => new(
                kind,
                "",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"no file descriptors left: raise LimitNOFILE= of the service, or look what has them open (ls -l /proc/{Environment.ProcessId}/fd)"
                )
            ),
            _ => new(kind, where, $"the disk of {where} fails ({message.TrimEnd('.')}): see the kernel's log"),
        };
    }

    private static string? PlaceOf(string? path, string? dataDirectory)
    {
        if (path is null || dataDirectory is null || !path.StartsWith(dataDirectory + "/", StringComparison.Ordinal))
            return path is null ? dataDirectory : Path.GetDirectoryName(path) ?? path;
        var first = path[(dataDirectory.Length + 1)..].Split('/')[0];
        return first.StartsWith('_') ? Path.Combine(dataDirectory, first) : dataDirectory;
    }
}

using Builder.Storage.Files;
using Npgsql;

namespace Builder.Storage.Database;

/// <summary>Where the database is.</summary>
/// <param name="DataDirectory">The directory with artifacts, consoles and scripts, and with <c>builder.sqlite3</c> where there is no connection string.</param>
/// <param name="ConnectionString">PostgreSQL, as in <c>Host=/run/postgresql;Database=builder</c>; null for SQLite in the data directory.</param>
public sealed record DatabaseSettings(string DataDirectory, string? ConnectionString = null)
{
    /// <summary>How long a lock of another process is waited for, and how long a database server that does not answer; null for as long as a tool waits: a minute.</summary>
    public TimeSpan? LockPatience { get; init; }

    /// <summary>
    /// With PostgreSQL: how long a writer may do nothing in the database within its transaction before the database ends it; null for any time. For processes that
    /// share the database: one that is stopped would keep the others from writing.
    /// </summary>
    public TimeSpan? MaxWritePause { get; init; }

    /// <summary>For a process that must not write, and may not have the rights to.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Where artifacts, consoles, scripts and execs are, in place of the data directory; null for the data directory.</summary>
    public ObjectStoreSettings? Objects { get; init; }

    public DatabaseEngine Engine => ConnectionString is null ? DatabaseEngine.Sqlite : DatabaseEngine.PostgreSql;

    public string SqlitePath => Path.Combine(DataDirectory, "builder.sqlite3");

    /// <summary>Whether the connection string holds a password, the server's or that of a private key.</summary>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public bool HoldsPassword
    {
        get
        {
            var parts = new NpgsqlConnectionStringBuilder(ConnectionString);
            return parts.Password is { Length: > 0 } || parts.SslPassword is { Length: > 0 };
        }
    }

    /// <summary>For messages: which database this is, without its password.</summary>
    public string Description
    {
        get
        {
            if (ConnectionString is null)
                return SqlitePath;
            var parts = new NpgsqlConnectionStringBuilder(ConnectionString);
            return $"PostgreSQL database \"{parts.Database ?? parts.Username}\" on {parts.Host}";
        }
    }
}

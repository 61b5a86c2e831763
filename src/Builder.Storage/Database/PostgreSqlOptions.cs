using System.Globalization;
using Npgsql;

namespace Builder.Storage.Database;

/// <summary>The operator's connection string, with time limits for those who serve: a request must be answered while its sender still waits.</summary>
internal static class PostgreSqlOptions
{
    /// <summary>The driver's own, where the connection string has none.</summary>
    private const int StandardTimeout = 15;
    private const int StandardCommandTimeout = 30;

    public static NpgsqlConnectionStringBuilder Of(DatabaseSettings settings)
    {
        var options = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            ApplicationName = "builder",
            MaxAutoPrepare = 256,
            AutoPrepareMinUsages = 2,
        };
        if (settings.IsReadOnly)
            options.Options = $"-c default_transaction_read_only=on {options.Options}".TrimEnd();
        if (settings.LockPatience is not { } patience)
            return options;
        var seconds = (int)Math.Ceiling(patience.TotalSeconds);
        if (options.Timeout == StandardTimeout)
            options.Timeout = seconds + 1;
        if (options.CommandTimeout == StandardCommandTimeout)
        {
            // Twice: a slow query is no dead server. Together with the attempt to cancel it, 9 s of 4.
            options.CommandTimeout = 2 * seconds;
            options.CancellationTimeout = 1000;
        }
        // At the start of a session: the pool resets what is set later.
        options.Options = string.Create(CultureInfo.InvariantCulture, $"-c lock_timeout={patience.TotalMilliseconds:f0} {options.Options}")
            .TrimEnd();
        return options;
    }
}

using System.Data.Common;
using Builder.Storage.Troubles;
using Npgsql;

namespace Builder.Storage.Database;

/// <summary>
/// Tells that another process wrote to a PostgreSQL database. The database's number of committed writes is the truth and is asked for from time to time;
/// notifications (LISTEN) only make it quick. So a connection through PgBouncer in transaction mode, which loses them, costs seconds and nothing else.
/// </summary>
public sealed class DatabaseChanges(BuilderDatabase database, TimeSpan polling)
{
    internal const string Channel = "builder_writes";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Several writes in a row are one change.</summary>
    private static readonly TimeSpan Collecting = TimeSpan.FromMilliseconds(100);

    public DatabaseChanges(BuilderDatabase database)
        : this(database, TimeSpan.FromSeconds(5)) { }

    /// <summary>Until it is cancelled; returns at once with SQLite.</summary>
    /// <param name="changed">Something may have been written since the last call.</param>
    /// <param name="failed">The database does not answer; this tries again.</param>
    public async Task RunAsync(Func<CancellationToken, Task> changed, Action<Exception> failed, CancellationToken cancellationToken)
    {
        if (database.Engine == DatabaseEngine.Sqlite)
            return;
        long? known = null;
        while (true)
        {
            try
            {
                await using var source = database.CreateListeningSource();
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                await using (var listen = connection.CreateCommand())
                {
                    listen.CommandText = $"LISTEN {Channel}";
                    await listen.ExecuteNonQueryAsync(cancellationToken);
                }
                while (true)
                {
                    var revision = await RevisionAsync(cancellationToken);
                    if (revision != known)
                        await changed(cancellationToken);
                    known = revision;
                    if (await connection.WaitAsync(polling, cancellationToken))
                        await Task.Delay(Collecting, TimeProvider.System, cancellationToken);
                }
            }
            catch (Exception exception) when (exception is DbException or NpgsqlException || StorageTrouble.Of(exception) is not null)
            {
                failed(exception);
            }
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private async Task<long> RevisionAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.RevisionAsync(cancellationToken);
    }
}

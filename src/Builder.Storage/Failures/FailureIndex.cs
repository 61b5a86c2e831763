using Builder.Analysis.Logs;
using Builder.Storage.Database;
using Builder.Storage.Files;
using Builder.Storage.Leases;
using Builder.Storage.Values;

namespace Builder.Storage.Failures;

/// <summary>
/// Reads the consoles of failed builds that were not read at their upload, in the order in which they were stored. Whoever is cut off goes on at the same build: each batch and how far it
/// came are one transaction.
/// </summary>
public sealed class FailureIndex(BuilderDatabase database, IBuildFiles buildFiles)
{
    /// <summary>Raised when the rules for the first error change: then all consoles are read again.</summary>
    private const int Version = 2;

    private const int BuildsPerTransaction = 64;

    /// <summary>Looks at the next builds.</summary>
    /// <param name="lease">Of the process that does it; null where there is one.</param>
    /// <exception cref="LeaseLostException">Another process does it.</exception>
    /// <returns>How many, none when all were looked at; and a number that rises with each failure that is known, whoever found it.</returns>
    public async Task<(int Builds, long Newest)> AdvanceAsync(WorkLease? lease, CancellationToken cancellationToken)
    {
        await BeginAgainAsync(cancellationToken);
        List<(BuildId Id, string Console, bool IsDue)> builds;
        await using (var session = await database.OpenReadAsync(cancellationToken))
            builds = await session.QueryAsync(
                """
                SELECT build.id, build.console, CASE WHEN build.main_binary IS NULL AND failure.build IS NULL THEN 1 ELSE 0 END
                FROM build
                LEFT JOIN failure ON failure.build = build.id
                WHERE build.id > (SELECT build FROM failure_progress WHERE id = 1)
                ORDER BY build.id
                LIMIT @most
                """,
                static row => (row.BuildId(0), row.Text(1), row.Integer(2) == 1),
                cancellationToken,
                ("@most", BuildsPerTransaction)
            );
        if (builds.Count == 0)
            return (0, await NewestAsync(cancellationToken));
        // Reading takes long: not within the transaction.
        var read = new List<(BuildId Id, FirstError? Error)>();
        foreach (var (id, console, _) in builds.Where(static build => build.IsDue))
            read.Add((id, await ReadAsync(console, cancellationToken)));
        // Pages of this process go by the number that this returns, those of other processes by the database's number of writes.
        Func<Func<DatabaseSession, Task<int>>, CancellationToken, Task<int>> write =
            database.Engine == DatabaseEngine.Sqlite || read.Count == 0 ? database.WriteQuietlyAsync : database.WriteAsync;
        await write(
            async session =>
            {
                if (lease is not null)
                    await lease.RequireAsync(session, cancellationToken);
                foreach (var (id, error) in read)
                    await FailureRows.InsertAsync(session, id, error, cancellationToken);
                return await session.ExecuteAsync(
                    "UPDATE failure_progress SET build = @build WHERE id = 1 AND build < @build",
                    cancellationToken,
                    ("@build", builds[^1].Id)
                );
            },
            cancellationToken
        );
        return (builds.Count, await NewestAsync(cancellationToken));
    }

    private async Task<long> NewestAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.IntegerAsync("SELECT COALESCE(MAX(build), 0) FROM failure", cancellationToken);
    }

    private async Task BeginAgainAsync(CancellationToken cancellationToken)
    {
        await using (var session = await database.OpenReadAsync(cancellationToken))
        {
            if (await session.IntegerAsync("SELECT version FROM failure_progress WHERE id = 1", cancellationToken) == Version)
                return;
        }
        await database.WriteQuietlyAsync(
            async session =>
            {
                await session.ExecuteAsync("DELETE FROM failure", cancellationToken);
                return await session.ExecuteAsync(
                    "UPDATE failure_progress SET build = 0, version = @version WHERE id = 1",
                    cancellationToken,
                    ("@version", Version)
                );
            },
            cancellationToken
        );
    }

    /// <summary>Null also where the console is gone: the build may have been removed meanwhile.</summary>
    private async Task<FirstError?> ReadAsync(string console, CancellationToken cancellationToken)
    {
        if (await buildFiles.OpenAsync(console, cancellationToken) is not { } stream)
            return null;
        await using (stream)
            return await FailedConsole.ReadAsync(stream, cancellationToken);
    }
}

using System.Data.Common;
using Builder.Storage.Database;
using Builder.Storage.Troubles;

namespace Builder.Storage.Leases;

/// <summary>
/// Shares background work between the processes on one PostgreSQL database. A row of <c>work_lease</c> says who does a work, and until when if that process is not heard
/// of. With SQLite there is one process that works: each lease is granted, and nothing is written.
/// </summary>
/// <param name="owner">Id of this process.</param>
/// <param name="duration">Another process goes on after so long when the holder dies or stops.</param>
public sealed class WorkLeases(BuilderDatabase database, string owner, TimeSpan duration)
{
    /// <summary>By the database's clock: those of several machines differ.</summary>
    private const string Now = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

    /// <summary>Rows of items that a dead process held and that nobody asks for again are removed after so long.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    public TimeSpan Duration => duration;

    /// <summary>Whether several processes may share the work.</summary>
    public bool IsShared => database.Engine == DatabaseEngine.PostgreSql;

    /// <summary>Told when the database could not be asked.</summary>
    public event Action<Exception>? Failed;

    /// <summary>Leases that nobody does: for commands and tests in a process of their own.</summary>
    public static WorkLeases OfOneProcess(BuilderDatabase database) =>
        new(database, Guid.NewGuid().ToString("N"), TimeSpan.FromSeconds(30));

    /// <returns>Null where another process, or another task of this one, has it.</returns>
    public async Task<WorkLease?> TryTakeAsync(string work, CancellationToken cancellationToken)
    {
        if (!IsShared)
            return new WorkLease(this, work, token: null);
        var token = Guid.NewGuid().ToString("N");
        await using var session = await database.OpenReadAsync(cancellationToken);
        // A statement of its own, without the lock of writers: uploads and leases do not wait for each other. Whoever comes second waits for the row and then sees it taken.
        var isTaken =
            await session.ExecuteAsync(
                $"""
                INSERT INTO work_lease (work, token, owner, expires)
                VALUES (@work, @token, @owner, {Now} + @duration)
                ON CONFLICT (work) DO UPDATE
                SET token = @token, owner = @owner, expires = {Now} + @duration
                WHERE work_lease.expires < {Now}
                """,
                cancellationToken,
                ("@work", work),
                ("@token", token),
                ("@owner", owner),
                ("@duration", (long)duration.TotalMilliseconds)
            ) > 0;
        return isTaken ? new WorkLease(this, work, token) : null;
    }

    /// <summary>Does a work whenever no other process does, until it ends or is cancelled. Where the lease is lost the work is cancelled, and begun again when the lease is had again.</summary>
    public async Task RunAsync(string work, Func<WorkLease, CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using (var lease = await TakeAsync(work, cancellationToken))
            {
                using var until = CancellationTokenSource.CreateLinkedTokenSource(lease.Lost, cancellationToken);
                try
                {
                    await run(lease, until.Token);
                    return;
                }
                catch (LeaseLostException)
                {
                    // Another process goes on.
                }
                catch (Exception exception) when (lease.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                {
                    if (exception is not OperationCanceledException)
                        NoteFailure(exception);
                }
            }
        }
    }

    /// <summary>Waits until the lease can be had.</summary>
    public async Task<WorkLease> TakeAsync(string work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await TryTakeAsync(work, cancellationToken) is { } lease)
                    return lease;
            }
            catch (Exception exception) when (StorageTrouble.Of(exception) is not null || exception is DbException)
            {
                NoteFailure(exception);
            }
            await Task.Delay(duration / 6, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Removes rows that expired long ago.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (!IsShared)
            return;
        await using var session = await database.OpenReadAsync(cancellationToken);
        await session.ExecuteAsync(
            $"DELETE FROM work_lease WHERE expires < {Now} - @kept",
            cancellationToken,
            ("@kept", (long)Kept.TotalMilliseconds)
        );
    }

    /// <summary>Who does what at present.</summary>
    public static async Task<IReadOnlyList<(string Work, string Owner)>> ListAsync(
        DatabaseSession session,
        CancellationToken cancellationToken
    ) =>
        session.Engine == DatabaseEngine.Sqlite
            ? []
            : await session.QueryAsync(
                $"SELECT work, owner FROM work_lease WHERE expires >= {Now} ORDER BY work",
                static row => (row.Text(0), row.Text(1)),
                cancellationToken
            );

    /// <returns>False where another process has taken it.</returns>
    internal async Task<bool> RenewAsync(string work, string token, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReadAsync(cancellationToken);
        return await session.ExecuteAsync(
                $"UPDATE work_lease SET expires = {Now} + @duration WHERE work = @work AND token = @token",
                cancellationToken,
                ("@duration", (long)duration.TotalMilliseconds),
                ("@work", work),
                ("@token", token)
            ) > 0;
    }

    internal async Task ReleaseAsync(string work, string token)
    {
        using var patience = new CancellationTokenSource(duration / 3);
        try
        {
            await using var session = await database.OpenReadAsync(patience.Token);
            await session.ExecuteAsync(
                "DELETE FROM work_lease WHERE work = @work AND token = @token",
                patience.Token,
                ("@work", work),
                ("@token", token)
            );
        }
        catch (Exception exception)
        {
            // It ends by itself.
            NoteFailure(exception);
        }
    }

    internal void NoteFailure(Exception exception) => Failed?.Invoke(exception);
}

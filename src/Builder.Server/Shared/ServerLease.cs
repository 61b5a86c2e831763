using Builder.Server.State;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Builder.Server.Shared;

/// <summary>
/// The right to serve, which is renewed until it is given back or lost. The database decides: the epoch in its one row is checked by each statement
/// that writes. The own clock only tells earlier that another server may have taken over.
/// </summary>
internal sealed class ServerLease : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(300);

    private readonly StateDatabase database;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource<string> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task renewing;
    private long deadline;
    private string? lostBecause;

    /// <param name="takenAt">The own clock just before the lease was asked for.</param>
    public ServerLease(StateDatabase database, long epoch, long takenAt, TimeProvider clock, ILogger logger)
    {
        this.database = database;
        this.clock = clock;
        this.logger = logger;
        Epoch = epoch;
        Source = database.OpenFor(epoch);
        deadline = DeadlineFrom(takenAt);
        renewing = RenewAsync();
    }

    public long Epoch { get; }

    public string Holder => database.Options.Holder;

    /// <summary>Connections of this epoch.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>Ends with the reason when the lease is lost.</summary>
    public Task<string> Lost => lost.Task;

    /// <summary>False once another server may have taken over.</summary>
    public bool IsHeld => !lost.Task.IsCompleted && clock.GetTimestamp() < Interlocked.Read(ref deadline);

    /// <exception cref="LeaseLostException">Another server may have taken over.</exception>
    public void ThrowIfLost()
    {
        if (!IsHeld)
            throw Exception();
    }

    public LeaseLostException Exception() => new(Volatile.Read(ref lostBecause) ?? "the lease on the state was not renewed in time");

    public void Lose(string reason)
    {
        Interlocked.CompareExchange(ref lostBecause, reason, null);
        lost.TrySetResult(reason);
    }

    /// <summary>Lets a standby take over at once. Nothing may be written after this.</summary>
    public async Task ReleaseAsync()
    {
        await stopping.CancelAsync();
        await renewing;
        if (!IsHeld)
            return;
        Lose("this server stops");
        try
        {
            await using var command = Source.CreateCommand(
                """
                UPDATE server_lease
                SET until = clock_timestamp()
                WHERE id = 1 AND epoch = $1
                """
            );
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Epoch });
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception exception) when (IsTrouble(exception))
        {
            // It runs out by itself.
            logger.NotReleased(exception.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await renewing;
        Lose("this server stops");
        await Source.DisposeAsync();
        stopping.Dispose();
    }

    /// <summary>What a database that is away, or was, makes of a statement.</summary>
    public static bool IsTrouble(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException or OperationCanceledException;

    private long DeadlineFrom(long timestamp) => timestamp + (long)(database.Options.LeaseTime.TotalSeconds * clock.TimestampFrequency);

    private async Task RenewAsync()
    {
        var pause = database.Options.RenewInterval;
        var isWell = true;
        while (true)
        {
            var left = clock.GetElapsedTime(clock.GetTimestamp(), Interlocked.Read(ref deadline));
            try
            {
                await Task.Delay(
                    pause < left ? pause
                        : left > TimeSpan.Zero ? left
                        : TimeSpan.Zero,
                    clock,
                    stopping.Token
                );
                left = clock.GetElapsedTime(clock.GetTimestamp(), Interlocked.Read(ref deadline));
                if (left <= TimeSpan.Zero)
                {
                    Lose(
                        $"the lease on the state was not renewed for {database.Options.LeaseTime.TotalSeconds:0.#} s: "
                            + "this server was stopped, or the database did not answer"
                    );
                    return;
                }
                var before = clock.GetTimestamp();
                if (!await TryRenewAsync(left))
                {
                    Lose("another server has taken over");
                    return;
                }
                Interlocked.Exchange(ref deadline, DeadlineFrom(before));
                if (!isWell)
                    logger.Renewed();
                isWell = true;
                pause = database.Options.RenewInterval;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (IsTrouble(exception))
            {
                if (isWell)
                    logger.NotRenewed(exception.Message);
                isWell = false;
                pause = RetryPause;
            }
        }
    }

    private async Task<bool> TryRenewAsync(TimeSpan within)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        limit.CancelAfter(within);
        await using var command = Source.CreateCommand(
            """
            UPDATE server_lease
            SET until = clock_timestamp() + make_interval(secs => $1)
            WHERE id = 1 AND epoch = $2
            """
        );
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = database.Options.LeaseTime.TotalSeconds });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Epoch });
        return await command.ExecuteNonQueryAsync(limit.Token) == 1;
    }
}

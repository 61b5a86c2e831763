using Builder.Storage.Troubles;

namespace Builder.Storage.Database;

/// <summary>
/// So many at once, the others queue in order. Waiting for each other has no time limit. Only the time in which the database itself could not be
/// used counts: who holds a turn reports it, and who waits behind gives up after the same time.
/// </summary>
internal sealed class DatabaseTurns(int count, TimeSpan patience, string description) : IDisposable
{
    /// <summary>How often those who wait look whether the database is available.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim free = new(count, count);
    private readonly Lock guard = new();

    /// <summary>When the first attempt began that failed; null since one succeeded.</summary>
    private long? since;
    private Exception? failure;

    /// <returns>When it arrived, for <see cref="Remaining"/>.</returns>
    /// <exception cref="DatabaseUnavailableException">Whoever was in front could not use the database, for longer than this may wait.</exception>
    public async ValueTask<long> EnterAsync(CancellationToken cancellationToken)
    {
        var arrived = TimeProvider.System.GetTimestamp();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var turn = free.WaitAsync(giveUp.Token);
        while (!turn.IsCompleted)
        {
            await Task.WhenAny(turn, Task.Delay(Look, TimeProvider.System, giveUp.Token));
            if (!turn.IsCompleted && Remaining(arrived) <= TimeSpan.Zero)
            {
                await giveUp.CancelAsync();
                await turn.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (turn.IsCompletedSuccessfully)
                    free.Release();
                throw new DatabaseUnavailableException($"{description} has not answered for {patience.TotalSeconds} s", failure);
            }
        }
        await turn;
        return arrived;
    }

    public void Leave() => free.Release();

    /// <summary>How much longer one that arrived then may wait for the database.</summary>
    public TimeSpan Remaining(long arrived)
    {
        lock (guard)
            return since is { } began ? patience - TimeProvider.System.GetElapsedTime(Math.Max(began, arrived)) : patience;
    }

    public void Succeeded()
    {
        lock (guard)
            (since, failure) = (null, null);
    }

    /// <summary>Counts only where the database could not be used; other failures are of one request.</summary>
    public void Failed(Exception error, long began)
    {
        if (StorageTrouble.Of(error) is not { Kind: TroubleKind.DatabaseLocked or TroubleKind.DatabaseUnreachable })
            return;
        lock (guard)
            (since, failure) = (since ?? began, error);
    }

    public void Dispose() => free.Dispose();
}

using Builder.Storage.Leases;
using Builder.Storage.Troubles;

namespace Builder.Web.Monitoring;

/// <summary>
/// Works through builds in the order in which they were stored: after each upload and, after a start, those that were not done yet. What is lost with the
/// process is found again: the database says how far the work is. Of several processes on one database one does it.
/// </summary>
/// <param name="work">Name of the lease.</param>
internal abstract class CatchingUp(WorkLeases leases, string work, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly Lock gate = new();
    private TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long version;

    /// <summary>Rises with each result: what was made from the results at one number is right while it stays.</summary>
    public long Version => Interlocked.Read(ref version);

    /// <summary>A build was stored. Returns at once.</summary>
    public void Wake()
    {
        lock (gate)
        {
            if (idle.Task.IsCompleted)
                idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (wake.CurrentCount == 0)
                wake.Release();
        }
    }

    /// <summary>Completes when all builds that were stored so far are done.</summary>
    public Task WhenIdleAsync()
    {
        lock (gate)
            return idle.Task;
    }

    /// <summary>Does the next builds.</summary>
    /// <returns>Whether there may be more, and whether pages have to change.</returns>
    protected abstract Task<(bool IsMore, bool IsSeen)> AdvanceAsync(WorkLease lease, CancellationToken cancellationToken);

    protected abstract void Failed(Exception exception);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.RunAsync(work, CatchUpAsync, stoppingToken);

    private async Task CatchUpAsync(WorkLease lease, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                bool isMore;
                do
                {
                    (isMore, var isSeen) = await AdvanceAsync(lease, stoppingToken);
                    if (isSeen)
                        Interlocked.Increment(ref version);
                } while (isMore);
            }
            catch (Exception exception)
                when (exception is not LeaseLostException
                    && (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                )
            {
                // Tried again: the database or the disk may be away for a while.
                if (StorageTrouble.Of(exception) is null)
                    Failed(exception);
                await Task.Delay(Pause, clock, stoppingToken);
                continue;
            }
            lock (gate)
            {
                if (wake.CurrentCount == 0)
                    idle.TrySetResult();
            }
            await wake.WaitAsync(stoppingToken);
        }
    }
}

using Builder.Storage.Index;
using Builder.Storage.Troubles;

namespace Builder.Web.Find;

/// <summary>
/// Enters what builds contain into the index, after each upload and, after a start, for those that have no entry yet. What is lost with the process is
/// found again: the index says how far it is.
/// </summary>
internal sealed partial class ContentIndexing(PackageIndex index, TimeProvider clock, ILogger<ContentIndexing> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly Lock gate = new();
    private TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long version;

    /// <summary>Rises with each build that was entered: what was made from the index at one number is right while it stays.</summary>
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

    /// <summary>Completes when all builds that were stored so far have their entries.</summary>
    public Task WhenIdleAsync()
    {
        lock (gate)
            return idle.Task;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                while (await index.AdvanceAsync(stoppingToken) > 0)
                    Interlocked.Increment(ref version);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
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

    [LoggerMessage(LogLevel.Error, "What builds contain cannot be entered into the index; trying again in 10 s.")]
    private partial void Failed(Exception exception);
}

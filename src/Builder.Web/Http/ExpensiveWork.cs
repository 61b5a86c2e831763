using System.Threading.RateLimiting;

namespace Builder.Web.Http;

/// <summary>
/// What costs much (comparisons, pictures, whole archives) shares a bounded number of workers that let others go first, and a bounded queue:
/// a crawler that asks for all of it gets 503 in the end, and everybody else their pages.
/// </summary>
internal sealed class ExpensiveWork : IDisposable
{
    private const int MaxWaiting = 64;

    /// <summary>A reader may take a long time over an archive without costing anything but its place.</summary>
    private const int MaxArchives = 16;

    private static readonly int MaxConcurrent = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly ConcurrencyLimiter limiter = Limiter(MaxConcurrent);
    private readonly ConcurrencyLimiter archives = Limiter(MaxArchives);
    private readonly LowPriorityScheduler threads = new(Math.Max(1, Environment.ProcessorCount));

    private volatile TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Running => Limits.Sum(static one => one.Most - one.Now.CurrentAvailablePermits);

    public long Waiting => Limits.Sum(static one => one.Now.CurrentQueuedCount);

    /// <summary>Since the start.</summary>
    public long Refused => Limits.Sum(static one => one.Now.TotalFailedLeases);

    private (long Most, RateLimiterStatistics Now)[] Limits =>
        [(MaxConcurrent, limiter.GetStatistics()!), (MaxArchives, archives.GetStatistics()!)];

    public async ValueTask<Turn> EnterAsync(CancellationToken cancellationToken) =>
        new(await limiter.AcquireAsync(1, cancellationToken), this);

    /// <summary>For what takes as long as somebody takes to read it.</summary>
    public async ValueTask<Turn> EnterArchiveAsync(CancellationToken cancellationToken) =>
        new(await archives.AcquireAsync(1, cancellationToken), this);

    /// <summary>Does it where it lets all else go first.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work) => threads.RunAsync(work);

    /// <summary>For what nobody waits for: it goes when there is room and everybody else has gone.</summary>
    public async ValueTask<Turn> EnterLastAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = ended;
            // Gets nothing while somebody is queued.
            var lease = limiter.AttemptAcquire(1);
            if (lease.IsAcquired)
                return new Turn(lease, this);
            lease.Dispose();
            await next.Task.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        limiter.Dispose();
        archives.Dispose();
        threads.Dispose();
    }

    private static ConcurrencyLimiter Limiter(int most) =>
        new(
            new ConcurrencyLimiterOptions
            {
                PermitLimit = most,
                QueueLimit = MaxWaiting,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }
        );

    private void End(RateLimitLease lease)
    {
        lease.Dispose();
        Interlocked.Exchange(ref ended, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    public sealed class Turn(RateLimitLease lease, ExpensiveWork work) : IDisposable
    {
        public bool IsGranted => lease.IsAcquired;

        public void Dispose() => work.End(lease);
    }
}

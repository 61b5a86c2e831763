using System.Threading.RateLimiting;

namespace Builder.Web.Shared;

/// <summary>
/// What costs much (comparisons, pictures, whole archives) shares a bounded number of workers and a bounded queue: a crawler that
/// asks for all of it gets 503 in the end, and everybody else their pages as fast as ever.
/// </summary>
internal sealed class ExpensiveWork : IDisposable
{
    private const int MostWaiting = 64;

    private readonly ConcurrencyLimiter limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = Math.Max(1, Environment.ProcessorCount / 2),
        QueueLimit = MostWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private volatile TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask<Turn> EnterAsync(CancellationToken stop) => new(await limiter.AcquireAsync(1, stop), this);

    /// <summary>For what nobody waits for: it goes when there is room and everybody else has gone.</summary>
    public async ValueTask<Turn> EnterLastAsync(CancellationToken stop)
    {
        while (true)
        {
            var next = ended;
            // Gets nothing while somebody is queued.
            var lease = limiter.AttemptAcquire(1);
            if (lease.IsAcquired)
                return new Turn(lease, this);
            lease.Dispose();
            await next.Task.WaitAsync(stop);
        }
    }

    public void Dispose() => limiter.Dispose();

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

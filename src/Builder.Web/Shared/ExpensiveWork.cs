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

    public async ValueTask<Turn> EnterAsync(CancellationToken stop) => new(await limiter.AcquireAsync(1, stop));

    public void Dispose() => limiter.Dispose();

    public sealed class Turn(RateLimitLease lease) : IDisposable
    {
        public bool IsGranted => lease.IsAcquired;

        public void Dispose() => lease.Dispose();
    }
}

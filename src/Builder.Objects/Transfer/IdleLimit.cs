namespace Builder.Objects.Transfer;

/// <summary>Ends an attempt when nothing has moved for a while, however long the whole of it takes.</summary>
internal sealed class IdleLimit : IDisposable
{
    private readonly TimeSpan limit;
    private readonly CancellationTokenSource idle;
    private readonly CancellationTokenSource either;

    public IdleLimit(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        this.limit = limit;
        idle = new CancellationTokenSource(limit, clock);
        either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
    }

    public CancellationToken Token => either.Token;

    public bool IsReached => idle.IsCancellationRequested;

    /// <summary>Something moved.</summary>
    public void Restart()
    {
        if (!idle.IsCancellationRequested)
            idle.CancelAfter(limit);
    }

    /// <summary>Nothing is waited for at present: somebody takes time over what came.</summary>
    public void Suspend()
    {
        if (!idle.IsCancellationRequested)
            idle.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        either.Dispose();
        idle.Dispose();
    }
}

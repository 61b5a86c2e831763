using Builder.Storage.Outbox;

namespace Builder.Publishing.Channels;

/// <summary>A way to tell one target.</summary>
public abstract class Channel : IDisposable
{
    /// <summary>So many events in one message; more than one where the target collects them.</summary>
    public virtual int MaxEvents => 1;

    /// <param name="events">In order; at most <see cref="MaxEvents"/>.</param>
    public abstract Task<Delivery> SendAsync(IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) { }
}

using Builder.Storage.Database;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Notifications;

/// <summary>Writes down how far a window is: not for each delivery, but often enough to keep the lease and to repeat little after a crash.</summary>
internal sealed class ProgressNotes(BuilderDatabase database, string target, string owner, SendingWindow window, TimeProvider clock)
    : IDisposable
{
    /// <summary>So many are delivered again after a crash.</summary>
    private const int MaxUnnoted = 50;

    private static readonly TimeSpan MaxUnnotedTime = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim writing = new(1, 1);
    private long notedAt = clock.GetTimestamp();

    /// <summary>Another process took the lease.</summary>
    public bool IsLost { get; private set; }

    public async Task WriteIfDueAsync(CancellationToken cancellationToken)
    {
        if (window.Unnoted >= MaxUnnoted || clock.GetElapsedTime(Interlocked.Read(ref notedAt)) >= MaxUnnotedTime)
            await WriteAsync(cancellationToken);
    }

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            Interlocked.Exchange(ref notedAt, clock.GetTimestamp());
            if (window.TakeProgress() is { } progress)
            {
                IsLost |= !await OutboxTargets.AdvanceAsync(
                    database,
                    target,
                    owner,
                    progress,
                    clock.GetUtcNow(),
                    TargetSender.Lease,
                    cancellationToken
                );
            }
        }
        finally
        {
            writing.Release();
        }
    }

    public void Dispose() => writing.Dispose();
}

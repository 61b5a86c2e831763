namespace Builder.Server.Dispatch;

/// <summary>Tells those who watch the farm that something changed. Raising it costs next to nothing while nobody watches.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource? next;

    /// <summary>Completes at the next change.</summary>
    public Task Next
    {
        get
        {
            while (true)
            {
                if (Volatile.Read(ref next) is { } known)
                    return known.Task;
                Interlocked.CompareExchange(ref next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
            }
        }
    }

    public void Raise() => Interlocked.Exchange(ref next, null)?.TrySetResult();
}

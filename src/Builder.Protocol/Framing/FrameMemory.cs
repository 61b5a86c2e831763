using Builder.Protocol.Der;

namespace Builder.Protocol.Framing;

/// <summary>
/// Memory for messages that have not come in whole, shared by all peers of a process. Who finds none left waits, first come, first served,
/// and is refused after a while. A quarter is for short pieces alone, so that a few long messages cannot keep out all others; another
/// quarter at most goes to the buffers of connections, which do with a small one where there is no more.
/// </summary>
public sealed class FrameMemory
{
    /// <summary>Longer pieces leave a quarter of the memory alone.</summary>
    public const int MaxShortPieceSize = 64 << 10;

    private readonly Lock gate = new();
    private readonly LinkedList<Waiter> shortWaiters = [];
    private readonly LinkedList<Waiter> longWaiters = [];
    private readonly long total;
    private readonly long reserve;
    private long free;
    private long buffers;

    /// <param name="bytes">All there is.</param>
    public FrameMemory(long bytes)
    {
        total = free = bytes;
        reserve = buffers = bytes / 4;
    }

    /// <summary>What is taken at present, in bytes.</summary>
    public long InUse
    {
        get
        {
            lock (gate)
                return total - free;
        }
    }

    /// <summary>Takes memory, waiting for it where there is none.</summary>
    /// <exception cref="ProtocolException">None became free in time, or there will never be as much.</exception>
    public async ValueTask TakeAsync(int count, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        Waiter waiter;
        var waiters = count > MaxShortPieceSize ? longWaiters : shortWaiters;
        lock (gate)
        {
            if (waiters.Count == 0 && TryTake(count))
                return;
            waiter = new Waiter(count);
            waiters.AddLast(waiter);
        }
        try
        {
            await waiter.Served.Task.WaitAsync(patience, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            bool wasServed;
            lock (gate)
            {
                wasServed = !waiters.Remove(waiter);
                if (wasServed)
                    free += count;
                Serve();
            }
            if (exception is OperationCanceledException)
                throw;
            throw new ProtocolException(
                ProtocolErrorReason.NoMemory,
                $"no memory became free for a message of yours in {patience.TotalSeconds} s; try again later"
            );
        }
    }

    /// <summary>Gives back what was taken, to who waits longest.</summary>
    public void Return(long count)
    {
        lock (gate)
        {
            free += count;
            Serve();
        }
    }

    /// <summary>For the buffer of a connection, which can do without.</summary>
    internal bool TryTakeBuffer(int count)
    {
        lock (gate)
        {
            if (buffers < count || free - count < reserve)
                return false;
            buffers -= count;
            free -= count;
            return true;
        }
    }

    internal void ReturnBuffer(int count)
    {
        lock (gate)
        {
            buffers += count;
            free += count;
            Serve();
        }
    }

    private bool TryTake(int count)
    {
        if (free - count < (count > MaxShortPieceSize ? reserve : 0))
            return false;
        free -= count;
        return true;
    }

    private void Serve()
    {
        foreach (var waiters in (LinkedList<Waiter>[])[shortWaiters, longWaiters])
        {
            while (waiters.First is { } first && TryTake(first.Value.Count))
            {
                waiters.RemoveFirst();
                first.Value.Served.SetResult();
            }
        }
    }

    private sealed class Waiter(int count)
    {
        public int Count => count;

        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

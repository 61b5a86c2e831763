using System.Collections.Concurrent;

namespace Builder.Worker.Processes;

/// <summary>
/// A thread for work that blocks, kept for the next such work: to start one costs a short job more than anything else that is done for it.
/// </summary>
internal sealed class SpareThread
{
    private const int StackSize = 256 * 1024;

    private static readonly ConcurrentBag<SpareThread> Idle = [];

    private readonly object gate = new();
    private Action? work;

    private SpareThread() => new Thread(Serve, StackSize) { IsBackground = true, Name = "spare" }.Start();

    /// <summary>Begins the work on a thread of its own.</summary>
    public static void Run(Action work)
    {
        if (!Idle.TryTake(out var thread))
            thread = new SpareThread();
        lock (thread.gate)
        {
            thread.work = work;
            Monitor.Pulse(thread.gate);
        }
    }

    private void Serve()
    {
        while (true)
        {
            Take()();
            Idle.Add(this);
        }
    }

    private Action Take()
    {
        lock (gate)
        {
            while (work is null)
                Monitor.Wait(gate);
            var taken = work;
            work = null;
            return taken;
        }
    }
}

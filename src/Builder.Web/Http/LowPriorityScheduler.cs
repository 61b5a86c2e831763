using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Builder.Web.Http;

/// <summary>
/// A few threads that let all others go first: the system gives them what is left over, and a share of a tenth where nothing is. What is awaited in
/// their work goes on there.
/// </summary>
internal sealed partial class LowPriorityScheduler : TaskScheduler, IDisposable
{
    /// <summary>As <c>nice</c>(1) counts: 0 is everybody else, 19 the most patient.</summary>
    private const int Niceness = 10;

    private readonly BlockingCollection<Task> queue = [];
    private readonly int count;

    public LowPriorityScheduler(int count)
    {
        this.count = count;
        for (var number = 0; number < count; number++)
            new Thread(Work) { IsBackground = true, Name = "patient" }.Start();
    }

    public override int MaximumConcurrencyLevel => count;

    public Task<T> RunAsync<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>What is queued is still done.</summary>
    public void Dispose() => queue.CompleteAdding();

    protected override void QueueTask(Task task)
    {
        try
        {
            queue.Add(task);
        }
        catch (InvalidOperationException) when (queue.IsAddingCompleted)
        {
            // The site stops; what is under way ends with everybody else's work.
            ThreadPool.UnsafeQueueUserWorkItem(
                static one => one.Scheduler.TryExecuteTask(one.Task),
                (Scheduler: this, Task: task),
                preferLocal: false
            );
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => queue.ToArray();

    private void Work()
    {
        // Of this thread alone on Linux, and of the whole process elsewhere.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(which: 0, who: 0, Niceness);
        foreach (var task in queue.GetConsumingEnumerable())
            TryExecuteTask(task);
    }

    /// <summary>setpriority(2); where it is refused the thread is like the others.</summary>
    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}

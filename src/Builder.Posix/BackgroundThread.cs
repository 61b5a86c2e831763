using System.Runtime.InteropServices;

namespace Builder.Posix;

/// <summary>Work that takes the processor only when nobody else wants it.</summary>
public static partial class BackgroundThread
{
    private const int PriorityOfProcess = 0;
    private const int LowestPriority = 19;

    /// <summary>Runs the work on a thread of its own with the lowest priority (nice 19; on Linux each thread has its own).</summary>
    public static Task<T> RunAsync<T>(string name, Func<T> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            // Where it is refused the work runs all the same.
            _ = SetPriority(PriorityOfProcess, 0, LowestPriority);
            try
            {
                result.SetResult(work());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return result.Task;
    }

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, uint who, int priority);
}

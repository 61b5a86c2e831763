using System.Runtime.ExceptionServices;
using Builder.Worker.Native;

namespace Builder.Worker.Execution;

/// <summary>
/// A thread that has become another user's, to start that user's processes: a program in between which switches users costs a short job some
/// milliseconds. It does not end, since the kernel sends a process the signal of its parent's death when the thread that started it ends
/// (PR_SET_PDEATHSIG(2const)).
/// </summary>
internal sealed class JobUserThread
{
    private const int StackSize = 256 * 1024;

    private readonly object gate = new();
    private readonly uint user;
    private Action? work;
    private ExceptionDispatchInfo? failure;

    public JobUserThread(uint user)
    {
        this.user = user;
        new Thread(Serve, StackSize) { IsBackground = true, Name = $"user {user}" }.Start();
    }

    /// <summary>Waits for the work, whose exceptions are thrown here.</summary>
    /// <exception cref="IOException">This process may not become that user, or the work failed.</exception>
    public int Run(Func<int> function)
    {
        var result = 0;
        ExceptionDispatchInfo? thrown = null;
        lock (gate)
        {
            work = () =>
            {
                try
                {
                    result = function();
                }
                catch (IOException exception)
                {
                    thrown = ExceptionDispatchInfo.Capture(exception);
                }
            };
            Monitor.PulseAll(gate);
            while (work is not null && failure is null)
                Monitor.Wait(gate);
            failure?.Throw();
        }
        thrown?.Throw();
        return result;
    }

    private void Serve()
    {
        lock (gate)
        {
            try
            {
                Posix.BecomeUserOnThisThread(user);
            }
            catch (IOException exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
                Monitor.PulseAll(gate);
                return;
            }
            while (true)
            {
                while (work is null)
                    Monitor.Wait(gate);
                work();
                work = null;
                Monitor.PulseAll(gate);
            }
        }
    }
}

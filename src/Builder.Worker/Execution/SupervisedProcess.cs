using System.Diagnostics;
using System.Runtime.InteropServices;
using Builder.Worker.Native;
using Builder.Worker.Processes;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Execution;

/// <summary>One process of a job within the supervisor, with everything that descends from it.</summary>
internal sealed class SupervisedProcess
{
    private const int P_ALL = 0;
    private const int WNOHANG = 1;
    private const int WEXITED = 4;
    private const int WNOWAIT = 0x01000000;
    private const int F_DUPFD_CLOEXEC = 1030;
    private const int LowestSpare = 160;

    /// <summary>For what a process id namespace leaves to end; longer is no fault, but worth a look at all of the machine.</summary>
    private static readonly TimeSpan NamespaceLimit = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan SweepLimit = TimeSpan.FromSeconds(30);

    /// <summary>For processes that became another user's, such as su(1), to end by themselves.</summary>
    private static readonly TimeSpan SweepLimitOfOthers = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly int pid;
    private readonly SupervisorChannel channel;
    private readonly bool hasOwnProcessIds;
    private readonly object end = new();
    private bool hasEnded;
    private bool isReaped;
    private int waitStatus;
    private ResourceUsage usage = ResourceUsage.None;

    private SupervisedProcess(int pid, bool hasOwnProcessIds, SupervisorChannel channel)
    {
        this.pid = pid;
        this.hasOwnProcessIds = hasOwnProcessIds;
        this.channel = channel;
        SpareThread.Run(Reap);
    }

    /// <returns>Null where it could not be started, which the worker has then been told.</returns>
    public static SupervisedProcess? Start(
        SupervisorMessage.Start request,
        List<SafeFileHandle> descriptors,
        SupervisorChannel channel,
        JobUserThreads users
    )
    {
        var raised = new List<int>();
        try
        {
            if (descriptors.Count != request.Descriptors.Count)
                throw new IOException($"{request.Descriptors.Count} descriptors were announced and {descriptors.Count} came");
            List<ProcessSpawn.Redirection> redirections = [ProcessSpawn.Redirection.Open(0, "/dev/null", Posix.O_RDONLY)];
            for (var i = 0; i < descriptors.Count; i++)
            {
                // Above all numbers that are given out, so that none is closed by another's move to its place.
                var high = Posix.fcntl((int)descriptors[i].DangerousGetHandle(), F_DUPFD_CLOEXEC, LowestSpare);
                if (high < 0)
                    throw Posix.LastError("cannot hand a descriptor to the job");
                raised.Add(high);
                redirections.Add(ProcessSpawn.Redirection.Duplicate(request.Descriptors[i], high));
            }
            redirections.Add(ProcessSpawn.Redirection.Duplicate(2, of: 1));
            var pid = request.User is { } user ? users.Of(user).Run(Spawn) : Spawn();
            return new SupervisedProcess(pid, request.HasOwnProcessIds, channel);

            int Spawn()
            {
                Posix.RenewSessionKeyring();
                return ProcessSpawn.Start(request.Command, request.Environment, request.Directory, redirections);
            }
        }
        catch (IOException exception)
        {
            channel.Send(new SupervisorMessage.Refused(exception.Message));
            return null;
        }
        finally
        {
            foreach (var descriptor in raised)
                new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        }
    }

    /// <summary>Asks the process group to end. Not an order.</summary>
    public void Terminate()
    {
        lock (gate)
        {
            if (!isReaped)
                _ = Posix.kill(-pid, Posix.SIGTERM);
        }
    }

    /// <summary>Ends every process there is now; those born meanwhile are found when the first has ended.</summary>
    public void Kill()
    {
        lock (gate)
            _ = ProcessSweep.Kill(Environment.ProcessId);
    }

    public void WaitUntilEnded()
    {
        lock (end)
        {
            while (!hasEnded)
                Monitor.Wait(end);
        }
    }

    private void Reap()
    {
        while (!isReaped)
            ReapOne(wait: true);
        var survivors = Sweep();
        try
        {
            channel.Send(new SupervisorMessage.Ended(waitStatus, usage, survivors));
        }
        catch (IOException)
        {
            // The worker is gone, and the main thread is told so by its own read.
        }
        lock (end)
        {
            hasEnded = true;
            Monitor.PulseAll(end);
        }
    }

    /// <summary>Ends what the process left behind; returns how many could not be ended.</summary>
    private int Sweep()
    {
        var started = Stopwatch.GetTimestamp();
        while (ReapOne(wait: false) is not Reaped.NoChildren)
        {
            if (hasOwnProcessIds && Stopwatch.GetElapsedTime(started) < NamespaceLimit && ProcessSweep.KillChildren(Environment.ProcessId))
            {
                // The kernel ends the namespace with its first process, which is a child by now.
                Posix.Pause(milliseconds: 1);
                continue;
            }
            var found = ProcessSweep.Kill(Environment.ProcessId);
            if (Stopwatch.GetElapsedTime(started) > (found.AreOthers ? SweepLimitOfOthers : SweepLimit))
                return found.Found;
            // Nothing to do but to let the killed ones die; another look finds those born in between.
            while (ReapOne(wait: false) is Reaped.One) { }
            Posix.Pause(milliseconds: 2);
        }
        return 0;
    }

    private enum Reaped
    {
        One,
        NoneYet,
        NoChildren,
    }

    /// <summary>
    /// Takes the status of one ended child. Waiting and taking are two steps: a process id is ours to signal only until its
    /// status is taken, which therefore happens under the lock.
    /// </summary>
    private unsafe Reaped ReapOne(bool wait)
    {
        Posix.ChildInfo child = default;
        while (Posix.waitid(P_ALL, 0, &child, WEXITED | WNOWAIT | (wait ? 0 : WNOHANG)) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Posix.ECHILD)
                return Reaped.NoChildren;
            if (error != Posix.EINTR)
                throw Posix.Error("cannot wait for a process", error);
        }
        if (child.Pid == 0)
            return Reaped.NoneYet;

        lock (gate)
        {
            int status;
            Posix.ResourceCounters counters;
            if (Posix.wait4(child.Pid, &status, WNOHANG, &counters) != child.Pid)
                throw Posix.LastError("cannot take the status of a process");
            usage = Add(usage, counters);
            if (child.Pid == pid)
            {
                waitStatus = status;
                isReaped = true;
            }
        }
        return Reaped.One;
    }

    /// <summary>The counters of a process hold those of the children it waited for.</summary>
    private static ResourceUsage Add(ResourceUsage sum, in Posix.ResourceCounters counters) =>
        new(
            sum.ProcessorTime
                + TimeSpan.FromSeconds(counters.UserSeconds + counters.SystemSeconds)
                + TimeSpan.FromMicroseconds(counters.UserMicroseconds + counters.SystemMicroseconds),
            Math.Max(sum.PeakMemoryBytes, counters.PeakMemoryKibibytes * 1024),
            sum.BytesWritten + (counters.BlocksWritten * 512)
        );
}

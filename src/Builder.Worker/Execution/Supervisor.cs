using System.Net.Sockets;
using System.Runtime.InteropServices;
using Builder.Worker.Files;
using Builder.Worker.Isolation;
using Builder.Worker.Native;
using Builder.Worker.Processes;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Execution;

/// <summary>
/// A process of its own between a worker and what it runs. It is the reaper of every orphan below it, so nothing that a job
/// starts can get away from it, not with a new session nor by a double fork; and it ends all of them when the worker is
/// gone, however the worker went. It stays for job after job: starting one costs a single <c>posix_spawn</c>.
/// </summary>
public static class Supervisor
{
    /// <summary>Talks with the worker on standard input until that is closed. Returns the exit status.</summary>
    public static int Run()
    {
        Posix.CloseDescriptorsOnExec();
        Posix.HideFromOtherProcesses();
        Posix.BecomeSubreaper();
        _ = Posix.umask(0b000_010_010);
        // The worker alone says when it ends: a service manager signals every process of the service.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ignore);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ignore);

        var channel = new SupervisorChannel(new SafeSocketHandle(0, ownsHandle: false));
        SupervisedProcess? process = null;
        SupervisorMessage.Start? last = null;
        var users = new JobUserThreads();
        SafeFileHandle? hold = null;
        try
        {
            while (channel.Receive() is var (message, descriptors))
            {
                switch (message)
                {
                    case SupervisorMessage.Start start:
                        process?.WaitUntilEnded();
                        last = start;
                        hold?.Dispose();
                        hold = start.RemoveAfterLoss.Length > 0 ? JobDirectory.Hold(start.RemoveAfterLoss) : null;
                        process = SupervisedProcess.Start(start, descriptors, channel, users);
                        break;
                    case SupervisorMessage.Limit(var limited, var processes, var fileBytes):
                        var limits = new ProcessLimits(processes, fileBytes);
                        if (last?.User is { } user)
                            _ = users.Of(user).Run(() => limits.SetFor(limited));
                        else
                            _ = limits.SetFor(limited);
                        break;
                    case SupervisorMessage.Terminate:
                        process?.Terminate();
                        break;
                    case SupervisorMessage.Kill:
                        process?.Kill();
                        break;
                }
                descriptors.ForEach(descriptor => descriptor.Dispose());
            }
            return 0;
        }
        catch (IOException)
        {
            return 1; // the worker is gone in mid message
        }
        finally
        {
            process?.Kill();
            process?.WaitUntilEnded();
            if (last is not null)
                RemoveIfLeft(last);
            hold?.Dispose();
        }
    }

    /// <summary>A worker that ended in order has done this itself.</summary>
    private static void RemoveIfLeft(SupervisorMessage.Start last)
    {
        foreach (var group in last.GroupsToRemoveAfterLoss)
            _ = JobControlGroup.TryRemove(group);
        try
        {
            if (last.RemoveAfterLoss.Length > 0)
                DirectoryRemoval.Remove(last.RemoveAfterLoss);
        }
        catch (IOException exception)
        {
            Console.Error.WriteLine($"builder {SelfExecution.SupervisorVerb}: {exception.Message}");
        }
    }

    private static void Ignore(PosixSignalContext context) => context.Cancel = true;
}

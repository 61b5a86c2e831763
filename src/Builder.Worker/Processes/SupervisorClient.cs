using System.Collections;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Builder.Worker.Execution;
using Builder.Worker.Native;
using Microsoft.Win32.SafeHandles;

namespace Builder.Worker.Processes;

/// <summary>The worker's side of its <see cref="Supervisor"/>.</summary>
internal sealed class SupervisorClient : IAsyncDisposable
{
    private readonly int pid;
    private readonly SupervisorChannel channel;

    private SupervisorClient(int pid, SupervisorChannel channel)
    {
        this.pid = pid;
        this.channel = channel;
    }

    /// <param name="command">What starts the supervisor, see <see cref="SelfExecution"/>.</param>
    /// <exception cref="IOException">It could not be started.</exception>
    public static SupervisorClient Start(IReadOnlyList<string> command)
    {
        Posix.CloseDescriptorsOnExec();
        var (ours, theirs) = SocketPair();
        using (theirs)
        {
            try
            {
                var pid = ProcessSpawn.Start(
                    command,
                    OwnEnvironment(),
                    "/",
                    [
                        ProcessSpawn.Redirection.Duplicate(0, (int)theirs.DangerousGetHandle()),
                        ProcessSpawn.Redirection.Open(1, "/dev/null", Posix.O_WRONLY),
                    ]
                );
                return new SupervisorClient(pid, new SupervisorChannel(ours));
            }
            catch
            {
                ours.Dispose();
                throw;
            }
        }
    }

    /// <summary>The supervisor's process; jobs descend from it.</summary>
    public int ProcessId => pid;

    /// <param name="descriptors">For the numbers in the request; closed here as soon as the supervisor has them.</param>
    /// <exception cref="IOException">It could not be started; the message says why.</exception>
    public async Task<SupervisorMessage.Ended> RunAsync(
        SupervisorMessage.Start request,
        IReadOnlyList<SafeFileHandle> descriptors,
        CancellationToken cancellationToken
    )
    {
        try
        {
            Send(request, [.. descriptors]);
        }
        finally
        {
            foreach (var descriptor in descriptors)
                descriptor.Dispose();
        }
        return await ReadAsync(cancellationToken) switch
        {
            SupervisorMessage.Ended ended => ended,
            SupervisorMessage.Refused refused => throw new IOException(refused.Reason),
            _ => throw new SupervisorLostException(),
        };
    }

    private async Task<SupervisorMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await channel.ReceiveAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw new SupervisorLostException();
        }
    }

    /// <summary>Has a process of the job put under its limits by a thread of the job's user, who may do so where even root may not.</summary>
    /// <param name="hold">The job does not begin before this is closed, here and in the supervisor.</param>
    /// <exception cref="SupervisorLostException">The job has ended with it.</exception>
    public void SetLimits(int process, ProcessLimits limits, SafeFileHandle hold) =>
        Send(new SupervisorMessage.Limit(process, limits.Processes, limits.FileBytes), hold);

    /// <summary>Asks the running process group to end.</summary>
    public void Terminate() => Send(new SupervisorMessage.Terminate());

    /// <summary>Ends all that runs.</summary>
    public void Kill() => Send(new SupervisorMessage.Kill());

    /// <summary>Ends all that runs, and the supervisor.</summary>
    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        await Task.Run(WaitForSupervisor);
    }

    /// <summary>
    /// Ends what a killed supervisor left to this process. Only for a process that starts nothing else: whatever descends from it is ended,
    /// but for other users' processes.
    /// </summary>
    public static void EndOrphans()
    {
        while (AnyChildLeft() && !ProcessSweep.Kill(Environment.ProcessId).AreOthers)
            Posix.Pause(milliseconds: 2);
    }

    private static unsafe bool AnyChildLeft()
    {
        const int WNOHANG = 1;
        int status;
        return Posix.wait4(-1, &status, WNOHANG, null) >= 0 || Marshal.GetLastPInvokeError() != Posix.ECHILD;
    }

    private void Send(SupervisorMessage message, params SafeFileHandle[] descriptors)
    {
        try
        {
            channel.Send(message, descriptors);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw new SupervisorLostException();
        }
    }

    private unsafe void WaitForSupervisor()
    {
        int status;
        while (Posix.wait4(pid, &status, 0, null) < 0 && Marshal.GetLastPInvokeError() == Posix.EINTR) { }
    }

    private static unsafe (SafeSocketHandle Ours, SafeSocketHandle Theirs) SocketPair()
    {
        const int AF_UNIX = 1;
        const int SOCK_STREAM = 1;
        var pair = stackalloc int[2];
        if (Posix.socketpair(AF_UNIX, SOCK_STREAM | Posix.O_CLOEXEC, 0, pair) != 0)
            throw Posix.LastError("cannot make a socket for the supervisor");
        return (new SafeSocketHandle(pair[0], ownsHandle: true), new SafeSocketHandle(pair[1], ownsHandle: true));
    }

    private static List<string> OwnEnvironment() =>
        [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}")];
}

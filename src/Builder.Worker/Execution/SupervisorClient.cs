using System.Collections;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Builder.Worker.Execution;

/// <summary>The worker's side of its <see cref="Supervisor"/>.</summary>
internal sealed class SupervisorClient : IAsyncDisposable
{
    private readonly int pid;
    private readonly NetworkStream channel;
    private readonly Lock gate = new();

    private SupervisorClient(int pid, NetworkStream channel)
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
                var pid = ProcessSpawn.Start(command, OwnEnvironment(), "/", [
                    ProcessSpawn.Redirection.Duplicate(0, (int)theirs.DangerousGetHandle()),
                    ProcessSpawn.Redirection.Open(1, "/dev/null", Posix.O_WRONLY),
                ]);
                return new SupervisorClient(pid, new NetworkStream(new Socket(ours), ownsSocket: true));
            }
            catch
            {
                ours.Dispose();
                throw;
            }
        }
    }

    /// <exception cref="IOException">It could not be started; the message says why.</exception>
    public async Task<SupervisorMessage.Ended> RunAsync(SupervisorMessage.Start request, CancellationToken cancellation)
    {
        Send(request);
        return await ReadAsync(cancellation) switch
        {
            SupervisorMessage.Ended ended => ended,
            SupervisorMessage.Refused refused => throw new IOException(refused.Reason),
            _ => throw new SupervisorLostException(),
        };
    }

    private async Task<SupervisorMessage?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await SupervisorMessage.ReadFromAsync(channel, cancellation);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            throw new SupervisorLostException();
        }
    }

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
    /// Ends what a killed supervisor left to this process. Only for a process that starts nothing else: whatever descends from it is ended.
    /// </summary>
    public static void EndOrphans()
    {
        while (AnyChildLeft())
        {
            foreach (var orphan in ProcessTree.DescendantsOf(Environment.ProcessId))
                _ = Posix.kill(orphan, Posix.SIGKILL);
            Posix.Pause(milliseconds: 2);
        }
    }

    private static unsafe bool AnyChildLeft()
    {
        const int WNOHANG = 1;
        int status;
        return Posix.wait4(-1, &status, WNOHANG, null) >= 0 || Marshal.GetLastPInvokeError() != Posix.ECHILD;
    }

    private void Send(SupervisorMessage message)
    {
        try
        {
            lock (gate)
                message.WriteTo(channel);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            throw new SupervisorLostException();
        }
    }

    private unsafe void WaitForSupervisor()
    {
        int status;
        while (Posix.wait4(pid, &status, 0, null) < 0 && Marshal.GetLastPInvokeError() == Posix.EINTR)
        {
        }
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

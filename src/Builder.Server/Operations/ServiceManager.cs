using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Builder.Server.Operations;

/// <summary>Tells systemd that a service is ready, alive, stopping (sd_notify(3)); does nothing where nobody asked to be told.</summary>
/// <param name="path">Of the socket that it listens on; null or empty where nobody does.</param>
/// <param name="watchdog">After so much silence it restarts the service; null for never.</param>
public sealed class ServiceManager(string? path, TimeSpan? watchdog)
{
    /// <summary>How often it gets a sign of life; null for never. Half of what it allows.</summary>
    internal TimeSpan? WatchdogInterval => watchdog / 2;

    public static ServiceManager FromEnvironment(Func<string, string?> variable)
    {
        var pid = variable("WATCHDOG_PID");
        var isMeant = string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var hasWatchdog =
            long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds > 0;
        return new ServiceManager(variable("NOTIFY_SOCKET"), isMeant && hasWatchdog ? TimeSpan.FromMicroseconds(microseconds) : null);
    }

    public void Ready() => Tell("READY=1");

    public void Stopping() => Tell("STOPPING=1");

    /// <summary>Gives signs of life for as long as there is life; returns when told to stop, or at once where nobody wants any.</summary>
    /// <param name="isAlive">A look at what would stand still if the service hung.</param>
    public async Task KeepAliveAsync(Func<CancellationToken, Task<bool>> isAlive, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (WatchdogInterval is not { } interval)
            return;
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            do
            {
                if (await isAlive(cancellationToken))
                    Tell("WATCHDOG=1");
            } while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private void Tell(string state)
    {
        if (path is not { Length: > 0 })
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // A leading @ stands for the abstract namespace, whose names begin with NUL.
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
        }
        catch (SocketException)
        {
            // The service manager does not listen; it is told again, or finds out itself.
        }
    }
}

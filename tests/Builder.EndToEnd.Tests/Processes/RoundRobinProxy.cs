using System.Net;
using System.Net.Sockets;

namespace Builder.EndToEnd.Tests.Processes;

/// <summary>A balancer without sticky sessions: each connection goes to the next backend; one that does not take it is left out.</summary>
internal sealed class RoundRobinProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Func<int, Uri?> backend;
    private readonly int count;
    private readonly Task accepting;
    private int next;

    /// <param name="backend">Where backend number so and so listens now; null while it does not.</param>
    public RoundRobinProxy(int count, Func<int, Uri?> backend)
    {
        this.count = count;
        this.backend = backend;
        listener.Start();
        Address = new Uri($"http://{listener.LocalEndpoint}");
        accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
            _ = ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token));
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = await ConnectAsync())
        {
            if (server is null)
                return;
            try
            {
                var (near, far) = (client.GetStream(), server.GetStream());
                await Task.WhenAny(near.CopyToAsync(far, stopping.Token), far.CopyToAsync(near, stopping.Token));
            }
            catch (Exception exception) when (exception is IOException or InvalidOperationException)
            {
                // One of the two went away.
            }
        }
    }

    private async Task<TcpClient?> ConnectAsync()
    {
        for (var attempt = 0; attempt < count; attempt++)
        {
            if (backend(Interlocked.Increment(ref next) % count) is not { } address)
                continue;
            var server = new TcpClient();
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, address.Port, stopping.Token);
                return server;
            }
            catch (SocketException)
            {
                server.Dispose();
            }
        }
        return null;
    }
}

using System.Net;
using System.Net.Sockets;

namespace Builder.Testing;

/// <summary>Stands before a server on this machine and cuts connections: after so many bytes from the client, the first few times.</summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ending = new();
    private readonly EndPoint target;
    private readonly Task accepting;
    private int cutsLeft;
    private int connections;

    /// <param name="cuts">How many connections are cut; those that follow are not.</param>
    /// <param name="afterSent">How many bytes of the client go through before.</param>
    /// <param name="afterReceived">How many bytes of the server's answer go through before.</param>
    public CuttingProxy(Uri server, int cuts, long afterSent = long.MaxValue, long afterReceived = long.MaxValue)
    {
        target = new IPEndPoint(IPAddress.Loopback, server.Port);
        (cutsLeft, AfterSent, AfterReceived) = (cuts, afterSent, afterReceived);
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    public long AfterSent { get; set; }

    public long AfterReceived { get; set; }

    public int Connections => Volatile.Read(ref connections);

    /// <summary>Cuts so many from now on.</summary>
    public void Cut(int count) => Volatile.Write(ref cutsLeft, count);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listener.Stop();
        await accepting;
        ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(ending.Token);
                Interlocked.Increment(ref connections);
                open.Add(ServeAsync(client));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
        await Task.WhenAll(open);
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        using (var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                await server.ConnectAsync(target, ending.Token);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
                await Task.WhenAny(
                    PassAsync(client, server, () => AfterSent, either.Token),
                    PassAsync(server, client, () => AfterReceived, either.Token)
                );
                await either.CancelAsync();
                // Not by a friendly end: as when a machine dies.
                client.LingerState = new LingerOption(true, 0);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // Ended by the test, or the server is away.
            }
        }
    }

    /// <returns>When one side has ended, or is to be cut.</returns>
    private async Task PassAsync(Socket from, Socket to, Func<long> limit, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        long passed = 0;
        try
        {
            while (await from.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
            {
                if (passed + count > limit() && Interlocked.Decrement(ref cutsLeft) >= 0)
                    return;
                passed += count;
                for (var sent = 0; sent < count; )
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The other direction ended, or one side is away.
        }
    }
}

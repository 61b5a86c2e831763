using System.Net;
using System.Net.Sockets;

namespace Builder.EndToEnd.Tests.Pair;

/// <summary>A database on a socket in the file system, by TCP: only that can be cut off.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Any, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly string path;
    private readonly Task accepting;

    public TcpRelay(string path)
    {
        this.path = path;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await accepting;
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = RelayAsync(await listener.AcceptSocketAsync(stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await far.ConnectAsync(new UnixDomainSocketEndPoint(path), stopping.Token);
            await using var one = new NetworkStream(near, ownsSocket: true);
            await using var other = new NetworkStream(far);
            await Task.WhenAny(one.CopyToAsync(other, stopping.Token), other.CopyToAsync(one, stopping.Token));
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            near.Dispose();
        }
    }
}

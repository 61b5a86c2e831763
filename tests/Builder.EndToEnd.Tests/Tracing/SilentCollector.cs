using System.Net;
using System.Net.Sockets;

namespace Builder.EndToEnd.Tests.Tracing;

/// <summary>A collector that lets everybody in and never answers.</summary>
internal sealed class SilentCollector : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public SilentCollector() => listener.Start();

    public Uri Address => new($"http://{listener.LocalEndpoint}");

    /// <summary>Waits until a program has come; it is held from then on.</summary>
    public async Task<Socket> HoldAsync() => await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);

    public void Dispose() => listener.Dispose();
}

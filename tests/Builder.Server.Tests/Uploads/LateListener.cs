using System.Net;
using System.Net.Sockets;

namespace Builder.Server.Tests.Uploads;

/// <summary>A port that is nobody else's from the beginning, and refuses connections until somebody listens.</summary>
internal sealed class LateListener : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public LateListener() => socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public EndPoint LocalEndpoint => socket.LocalEndPoint!;

    public void Start() => socket.Listen();

    public Task<Socket> AcceptSocketAsync(CancellationToken cancellationToken) => socket.AcceptAsync(cancellationToken).AsTask();

    public void Dispose() => socket.Dispose();
}

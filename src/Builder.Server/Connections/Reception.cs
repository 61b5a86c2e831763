using System.Net.Sockets;
using Builder.Protocol;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Connections;

/// <summary>Takes each connection from its hello to its end. Whatever a peer does, it ends that connection only, with one line in the log.</summary>
internal sealed class Reception(Farm farm, BuildObservers observers, ServerOptions options, TimeProvider clock, ILogger logger)
{
    public async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var peer = Welcome(socket);
        if (peer is null)
            return;
        try
        {
            await ConverseAsync(peer, cancellationToken);
        }
        catch (ProtocolException error)
        {
            logger.BadPeer(peer.Name, error.Message);
            if (error.Reason is not ProtocolErrorReason.ConnectionLost)
                await peer.TryRefuseAsync(error.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            // The last line of defence: an error of ours must not end the server with all its builds.
            logger.ServerError(error, peer.Name);
            await peer.TryRefuseAsync("error of the server");
        }
        await peer.SayGoodbyeAsync();
    }

    private Peer? Welcome(Socket socket)
    {
        try
        {
            if (socket.LocalEndPoint is UnixDomainSocketEndPoint)
                return new Peer(socket, new NetworkStream(socket), "local client", isLocal: true, options.Limits, clock);
            socket.NoDelay = true;
            KeepAlive(socket);
            return new Peer(socket, new NetworkStream(socket), $"{socket.RemoteEndPoint}", isLocal: false, options.Limits, clock);
        }
        catch (SocketException error)
        {
            // It went away between its coming and our looking.
            logger.PeerSaid("a peer", error.Message);
            return null;
        }
    }

    private async Task ConverseAsync(Peer peer, CancellationToken cancellationToken)
    {
        var hello = await peer.Reader.ReadHelloAsync(cancellationToken);
        if (hello is null)
            return;
        if (hello is not Command.ClientHello(var kind, var version))
            throw Unexpected("a hello was expected");
        var spoken = kind == PeerKind.Client ? ProtocolVersion.Client : ProtocolVersion.Worker;
        if (version != spoken)
            throw Unexpected($"{kind} version {version} is not spoken here, {spoken} is");
        await peer.Writer.WriteAsync(new Command.ServerHello(), cancellationToken);
        if (kind == PeerKind.Client)
            await new ClientSession(farm, observers, peer, logger).ServeAsync(cancellationToken);
        else
            await new WorkerSession(farm, options, peer, clock, logger).ServeAsync(cancellationToken);
    }

    public static ProtocolException Unexpected(string what) => new(ProtocolErrorReason.Unexpected, what);

    /// <summary>Finds out within two minutes that a peer's machine is gone.</summary>
    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 6);
    }
}

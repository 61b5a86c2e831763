using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Server.Dispatch;
using Builder.Server.Files;
using Builder.Server.Options;
using Builder.Server.State;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Connections;

/// <summary>Takes each connection from its hello to its end. Whatever a peer does, it ends that connection only, with one line in the log.</summary>
internal sealed class ConnectionHandler(
    Dispatcher farm,
    BuildObservers observers,
    Admission admission,
    ClientRequests requests,
    FrameMemory memory,
    ServerOptions options,
    TimeProvider clock,
    ILogger logger
)
{
    public async Task ServeAsync(Socket socket, PeerKind? onlyKind, CancellationToken cancellationToken)
    {
        using var peer = await WelcomeAsync(socket, cancellationToken);
        if (peer is null)
            return;
        peer.OnlyKind = onlyKind;
        try
        {
            await ConverseAsync(peer, cancellationToken);
        }
        catch (ProtocolException exception)
        {
            logger.BadPeer(peer.Name, exception.Message);
            if (exception.Reason is not ProtocolErrorReason.ConnectionLost)
                await peer.TryRefuseAsync(exception.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (LeaseLostException)
        {
            // Another server answers: this one says nothing, and the peer asks there.
            return;
        }
        catch (DamagedFileException exception)
        {
            logger.Damaged(peer.Name, exception.Message);
            await peer.TryRefuseAsync("a file of the server is damaged; its log says which");
        }
        catch (Exception exception)
        {
            // The last line of defence: an error of ours must not end the server with all its builds.
            logger.ServerError(exception, peer.Name);
            await peer.TryRefuseAsync("error of the server");
        }
        await peer.SayGoodbyeAsync();
    }

    private async Task<Peer?> WelcomeAsync(Socket socket, CancellationToken cancellationToken)
    {
        var name = "a peer";
        try
        {
            if (socket.LocalEndPoint?.AddressFamily == AddressFamily.Unix)
                return new Peer(
                    socket,
                    new NetworkStream(socket),
                    "a program of this machine",
                    isLocal: true,
                    isCertified: false,
                    options.Limits,
                    memory,
                    clock
                );
            name = $"{socket.RemoteEndPoint}";
            socket.NoDelay = true;
            KeepAlive(socket);
            if (options.Tls is not { } tls)
                return new Peer(socket, new NetworkStream(socket), name, isLocal: false, isCertified: false, options.Limits, memory, clock);
            var secure = new SslStream(new NetworkStream(socket));
            await SecureAsync(secure, tls, cancellationToken);
            return new Peer(socket, secure, name, isLocal: false, secure.RemoteCertificate is not null, options.Limits, memory, clock);
        }
        catch (Exception exception)
            when (exception is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            // It went away between its coming and our looking, or cannot TLS.
            logger.BadPeer(name, exception.Message);
            return null;
        }
    }

    private async Task SecureAsync(SslStream stream, TlsOptions tls, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.Limits.HandshakeDeadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var authentication = new SslServerAuthenticationOptions
        {
            ServerCertificate = tls.Certificate,
            ClientCertificateRequired = tls.ClientAuthority is not null,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            // A peer without certificate may still have a key; one with a certificate of strangers is refused.
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                certificate is null || (tls.ClientAuthority is { } authority && IsSignedBy(authority, certificate)),
        };
        await stream.AuthenticateAsServerAsync(authentication, either.Token);
    }

    private static bool IsSignedBy(X509Certificate2Collection authority, X509Certificate certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var shown = new X509Certificate2(certificate);
        return chain.Build(shown);
    }

    private async Task ConverseAsync(Peer peer, CancellationToken cancellationToken)
    {
        var hello = await peer.Reader.ReadFirstMessageAsync(cancellationToken);
        if (hello is null)
            return;
        if (hello is not Command.ClientHello(var kind, var version))
            throw Unexpected("a hello was expected");
        if (peer.OnlyKind is { } only && only != kind)
            throw Unexpected(
                only == PeerKind.Client ? "this socket is for clients, not for workers" : "this socket is for workers, not for clients"
            );
        var (spoken, extended) =
            kind == PeerKind.Client
                ? (ProtocolVersion.Client, ProtocolVersion.ExtendedClient)
                : (ProtocolVersion.Worker, ProtocolVersion.ExtendedWorker);
        var otherExtended = kind == PeerKind.Client ? ProtocolVersion.ExtendedClientWithTrace : ProtocolVersion.ExtendedWorkerWithoutFacts;
        if (version != spoken && version != extended && version != otherExtended)
            throw Unexpected($"{kind} version {version} is not spoken here, {spoken} is");
        peer.IsExtended = version != spoken;
        peer.Version = version;
        if (!peer.IsExtended && admission.RefuseWithoutKey(peer, kind) is { } refusal)
            throw Unexpected(refusal);
        await peer.Writer.WriteAsync(new Command.ServerHello(), cancellationToken);
        if (peer.IsExtended)
            await IdentifyAsync(peer, kind, cancellationToken);
        if (kind == PeerKind.Client)
            await new ClientSession(farm, observers, requests, peer, clock, logger).ServeAsync(cancellationToken);
        else
            await new WorkerSession(farm, admission, options, peer, clock, logger).ServeAsync(cancellationToken);
    }

    private async Task IdentifyAsync(Peer peer, PeerKind kind, CancellationToken cancellationToken)
    {
        // Read like a hello: with a deadline, and no longer than one.
        if (await peer.Reader.ReadFirstMessageAsync(cancellationToken) is not Command.PeerIdentity(var name, var secret))
            throw Unexpected("an extended peer was expected to say who it is");
        if (admission.Refuse(peer, kind, name, secret) is { } refusal)
            throw Unexpected(refusal);
        await peer.Writer.WriteAsync(new Command.Success(), cancellationToken);
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

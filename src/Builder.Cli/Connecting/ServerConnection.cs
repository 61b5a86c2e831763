using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Builder.Cli.Errors;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Text;
using Builder.Protocol.Values;
using UnreachableException = Builder.Cli.Errors.UnreachableException;

namespace Builder.Cli.Connecting;

/// <summary>A client's conversation with a server: one command, its answers, the end.</summary>
internal sealed class ServerConnection : IDisposable
{
    /// <summary>Answers to a client can be long: the whole schedule, each script in it.</summary>
    private static readonly FrameLimits Limits = FrameLimits.Default with { MaxMessageSize = 1L << 30 };

    /// <summary>While one of several servers takes over, none answers.</summary>
    private static readonly TimeSpan TakeoverPatience = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly RemoteAddress remote;
    private readonly Stream stream;
    private readonly FrameReader reader;
    private readonly FrameWriter writer;

    private ServerConnection(RemoteAddress remote, Stream stream)
    {
        this.remote = remote;
        this.stream = stream;
        reader = new FrameReader(stream, Limits, TimeProvider.System);
        writer = new FrameWriter(stream, Limits, TimeProvider.System);
    }

    /// <summary>As a client of the original: plain, without a key.</summary>
    public static Task<ServerConnection> OpenAsync(RemoteAddress remote, CancellationToken cancellationToken) =>
        OpenAsync(new ServerLink(remote, ByteString.Empty, UsesTls: false, Authority: null), isExtended: false, cancellationToken);

    /// <summary>Where the server is ours, as a key or a socket of this machine says, it is told the span that this program is in.</summary>
    /// <param name="isExtended">For what only our server knows; a key brings it along.</param>
    /// <exception cref="UnreachableException">Nobody listens there, or it went away.</exception>
    /// <exception cref="CommandException">It does not let us in.</exception>
    public static async Task<ServerConnection> OpenAsync(ServerLink link, bool isExtended, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await link.Remote.ConnectAsync(
                    (remote, limit) => OpenAsync(remote, link, isExtended || !link.Key.IsEmpty, limit),
                    static exception => exception is UnreachableException,
                    static remote => new UnreachableException($"the server at {remote} does not answer in time"),
                    cancellationToken
                );
            }
            catch (UnreachableException) when (link.Remote.All.Count > 1 && TimeProvider.System.GetElapsedTime(started) < TakeoverPatience)
            {
                await Task.Delay(RetryPause, cancellationToken);
            }
        }
    }

    private static async Task<ServerConnection> OpenAsync(
        RemoteAddress remote,
        ServerLink link,
        bool isExtended,
        CancellationToken cancellationToken
    )
    {
        if (Activity.Current is { Recorded: true } span && (isExtended || remote.Path is not null))
        {
            try
            {
                return await OpenAsync(remote, link, ProtocolVersion.ExtendedClientWithTrace, span, cancellationToken);
            }
            catch (CommandException)
            {
                // An earlier version of our server; where it refuses for another reason it says so again.
            }
        }
        var version = isExtended ? ProtocolVersion.ExtendedClient : ProtocolVersion.Client;
        return await OpenAsync(remote, link, version, null, cancellationToken);
    }

    private static async Task<ServerConnection> OpenAsync(
        RemoteAddress remote,
        ServerLink link,
        long version,
        Activity? span,
        CancellationToken cancellationToken
    )
    {
        ServerConnection? connection = null;
        try
        {
            connection = new ServerConnection(remote, await ConnectAsync(remote, link, cancellationToken));
            await connection.GreetAsync(link, version, cancellationToken);
            if (span is not null)
                await connection.writer.WriteAsync(TraceMessage.ToCommand(span), cancellationToken);
            return connection;
        }
        catch (Exception exception)
        {
            connection?.Dispose();
            if (exception is SocketException or IOException or AuthenticationException)
                throw new UnreachableException($"the server at {remote} cannot be reached: {exception.Message}");
            if (exception is ProtocolException)
                throw new UnreachableException($"the server at {remote}: {exception.Message}");
            throw;
        }
    }

    /// <summary>Sends the command and gives every answer before the final success to <paramref name="take"/>.</summary>
    /// <exception cref="CommandException">The server said no, or broke the protocol.</exception>
    public async Task AskAsync(Command command, Func<Command, Task> take, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(command, cancellationToken);
            while (true)
            {
                switch (await reader.ReadAsync(cancellationToken))
                {
                    case Command.Success:
                        return;
                    case Command.Failure(var reason):
                        throw new CommandException(VisibleText.Line(reason));
                    case null:
                        throw new UnreachableException($"the server at {remote} ended the conversation");
                    case var answer:
                        await take(answer);
                        break;
                }
            }
        }
        catch (ProtocolException exception)
        {
            throw new UnreachableException($"the server at {remote}: {exception.Message}");
        }
    }

    private static async Task<Stream> ConnectAsync(RemoteAddress remote, ServerLink link, CancellationToken cancellationToken)
    {
        var plain = new NetworkStream(await remote.ConnectAsync(cancellationToken), ownsSocket: true);
        if (!link.UsesTls)
            return plain;
        var secure = new SslStream(plain);
        try
        {
            var options = new SslClientAuthenticationOptions { TargetHost = remote.Host };
            if (link.Authority is { } authority)
            {
                options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust };
                options.CertificateChainPolicy.CustomTrustStore.AddRange(authority);
                options.CertificateChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            }
            await secure.AuthenticateAsClientAsync(options, cancellationToken);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    private async Task GreetAsync(ServerLink link, long version, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(new Command.ClientHello(PeerKind.Client, version), cancellationToken);
        Welcome<Command.ServerHello>(await reader.ReadFirstMessageAsync(cancellationToken), version);
        if (version == ProtocolVersion.Client)
            return;
        await writer.WriteAsync(new Command.PeerIdentity(ByteString.FromUtf8(Environment.UserName), link.Key), cancellationToken);
        Welcome<Command.Success>(await reader.ReadFirstMessageAsync(cancellationToken), version);
    }

    private void Welcome<T>(Command? answer, long version)
        where T : Command
    {
        if (answer is Command.Failure(var reason))
            throw new CommandException($"the server at {remote} says: {VisibleText.Line(reason)}");
        if (answer is not T)
            throw new CommandException($"{remote} is no builder server, wants --tls, or does not speak version {version}");
    }

    public void Dispose()
    {
        writer.Dispose();
        stream.Dispose();
    }
}

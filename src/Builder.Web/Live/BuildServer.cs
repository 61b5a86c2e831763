using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Web.Options;

namespace Builder.Web.Live;

/// <summary>Asks a build server, as any client does: one connection a question.</summary>
internal sealed class BuildServer(RemoteAddresses remotes, WebOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The server answers when what it did is on its disk.</summary>
    private static readonly TimeSpan ActionPatience = TimeSpan.FromSeconds(30);

    /// <summary>Less than the protocol allows: what a page shows has its limits too.</summary>
    private static readonly FrameLimits Limits = FrameLimits.Default with { MaxMessageSize = 16L << 20, HandshakeDeadline = Patience };

    /// <exception cref="WebOptionsException">Not an address.</exception>
    public static BuildServer Parse(string address, WebOptions options)
    {
        if (!RemoteAddresses.TryParse(address, out var remotes, out var reason))
            throw new WebOptionsException($"--server takes HOST:PORT or unix:PATH: {reason}");
        var other = remotes.All.FirstOrDefault(static remote => !remote.IsThisMachine);
        if (!options.ServerKey.IsEmpty && !options.UsesServerTls && other is not null)
            throw new WebOptionsException($"--server-key-file: the key would travel in clear to {other}: use --server-tls");
        return new BuildServer(remotes, options);
    }

    /// <exception cref="BuildServerException">It cannot be reached, or does not speak as it should.</exception>
    public async Task<ServerInfo> InfoAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var connection = await EnterAsync(limit.Token);
            await connection.Writer.WriteAsync(new Command.Info(), limit.Token);
            return await connection.Reader.ReadAsync(limit.Token) is Command.InfoReply reply
                ? reply.Server
                : throw new BuildServerException("the build server did not answer what it was asked");
        }
        catch (Exception exception) when (IsItsFault(exception, cancellationToken))
        {
            throw new BuildServerException($"the build server at {remotes} does not answer ({Reason(exception)})", exception);
        }
    }

    /// <summary>The workers that wait or build, as only a server of ours tells.</summary>
    /// <returns>Null where the server is not ours, or of a version that does not tell.</returns>
    /// <exception cref="BuildServerException">It cannot be reached.</exception>
    public async Task<ServerWorkers?> WorkersAsync(CancellationToken cancellationToken) =>
        await RequestAsync("workers", cancellationToken) is { } answer ? ServerWorkers.Read(answer.Memory) : null;

    /// <summary>The finished builds that the site refused for good, and that an operator decides on.</summary>
    /// <returns>Null where the server is not ours, or of a version that does not tell.</returns>
    /// <exception cref="BuildServerException">It cannot be reached.</exception>
    public async Task<IReadOnlyList<HeldBuild>?> HeldBuildsAsync(CancellationToken cancellationToken) =>
        await RequestAsync("spool", cancellationToken) is { } answer ? HeldBuild.Read(answer.Memory) : null;

    /// <summary>What the schedule says about judging and publishing builds, for <see cref="JobPolicies"/>.</summary>
    /// <returns>Null where the server is not ours, or of a version that does not tell.</returns>
    /// <exception cref="BuildServerException">It cannot be reached.</exception>
    public async Task<ReadOnlyMemory<byte>?> PoliciesAsync(CancellationToken cancellationToken) =>
        await RequestAsync("policies", cancellationToken) is { } answer ? answer.Memory : null;

    /// <summary>An element when the server begins to tell, and after each change of queues, builds and workers.</summary>
    /// <returns>Ends at once where the server is not ours, or of a version that does not tell.</returns>
    /// <exception cref="BuildServerException">It cannot be reached, or the connection broke.</exception>
    public async IAsyncEnumerable<bool> ChangesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var connection = await SubscribeAsync(cancellationToken);
        while (connection is not null && await NextChangeAsync(connection, cancellationToken))
            yield return true;
    }

    private async Task<Connection?> SubscribeAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        Connection? connection = null;
        try
        {
            connection = await ConnectAsync(limit.Token, ProtocolVersion.ExtendedClient);
            if (await IdentifyAsync(connection, limit.Token) is null)
            {
                var request = new Command.Request(ByteString.FromUtf8("changes"), ByteString.FromUtf8("{}"));
                await connection.Writer.WriteAsync(request, limit.Token);
                return connection;
            }
            connection.Dispose();
            return null;
        }
        catch (Exception exception) when (exception is BuildServerException or ProtocolException && !limit.IsCancellationRequested)
        {
            connection?.Dispose();
            return null;
        }
        catch (Exception exception) when (IsItsFault(exception, cancellationToken))
        {
            connection?.Dispose();
            throw new BuildServerException($"the build server at {remotes} does not answer ({Reason(exception)})", exception);
        }
    }

    private static async Task<bool> NextChangeAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.Reader.ReadAsync(cancellationToken) is Command.Answer;
        }
        catch (Exception exception) when (IsItsFault(exception, cancellationToken))
        {
            throw new BuildServerException($"the connection to the build server broke ({Reason(exception)})", exception);
        }
    }

    private async Task<ByteString?> RequestAsync(string verb, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var connection = await ConnectAsync(limit.Token, ProtocolVersion.ExtendedClient);
            if (await IdentifyAsync(connection, limit.Token) is not null)
                return null;
            await connection.Writer.WriteAsync(new Command.Request(ByteString.FromUtf8(verb), ByteString.FromUtf8("{}")), limit.Token);
            return await connection.Reader.ReadAsync(limit.Token) is Command.Answer answer ? answer.Body : null;
        }
        catch (Exception exception) when (exception is BuildServerException or ProtocolException && !limit.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception) when (IsItsFault(exception, cancellationToken))
        {
            throw new BuildServerException($"the build server at {remotes} does not answer ({Reason(exception)})", exception);
        }
    }

    /// <summary>Has the server do something, with the site's key where it has one. The server's rules are the last word.</summary>
    /// <returns>Null where it is done, else why the server refuses.</returns>
    /// <exception cref="BuildServerException">It cannot be reached, or does not speak as it should.</exception>
    public async Task<string?> ActAsync(Command command, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ActionPatience);
        try
        {
            // What the original knows is said as a client of the original says it: it answers too.
            using var connection = command is Command.Cancel or Command.Request
                ? await ConnectAsync(limit.Token, ProtocolVersion.ExtendedClient)
                : await EnterAsync(limit.Token);
            if (command is Command.Cancel or Command.Request && await IdentifyAsync(connection, limit.Token) is { } refusal)
                return refusal;
            await connection.Writer.WriteAsync(command, limit.Token);
            while (true)
            {
                switch (await connection.Reader.ReadAsync(limit.Token))
                {
                    case Command.Success:
                        return null;
                    case Command.Failure(var reason):
                        return reason.ToString();
                    case Command.Answer:
                        break;
                    default:
                        throw new BuildServerException("the build server ended the conversation without an answer");
                }
            }
        }
        catch (Exception exception) when (IsItsFault(exception, cancellationToken))
        {
            throw new BuildServerException($"the build server at {remotes} does not answer ({Reason(exception)})", exception);
        }
    }

    /// <summary>The lines of a running build: all so far, then each as it comes, until it ends. Empty where it does not run.</summary>
    /// <exception cref="BuildServerException">It cannot be reached, or does not speak as it should.</exception>
    public async IAsyncEnumerable<ConsoleLine> ObserveAsync(BuildUuid build, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var connection = await AskAsync(build, cancellationToken);
        while (await NextAsync(connection, cancellationToken) is { } line)
            yield return line;
    }

    private async Task<Connection> AskAsync(BuildUuid build, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var connection = await EnterAsync(limit.Token);
            await connection.Writer.WriteAsync(new Command.Observe(build), limit.Token);
            return connection;
        }
        catch (Exception exception) when (IsItsFault(exception, cancellationToken))
        {
            throw new BuildServerException($"the build server at {remotes} does not answer ({Reason(exception)})", exception);
        }
    }

    private static async Task<ConsoleLine?> NextAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.Reader.ReadAsync(cancellationToken) switch
            {
                Command.OutputTimestamped line => new ConsoleLine(line.TimestampNanoseconds, line.Line),
                Command.Output line => new ConsoleLine(-1, line.Line),
                _ => null,
            };
        }
        catch (Exception exception) when (IsItsFault(exception, cancellationToken))
        {
            throw new BuildServerException($"the connection to the build server broke ({Reason(exception)})", exception);
        }
    }

    /// <summary>As a client of the original, or with the key where there is one.</summary>
    private async Task<Connection> EnterAsync(CancellationToken cancellationToken)
    {
        if (options.ServerKey.IsEmpty)
            return await ConnectAsync(cancellationToken);
        var connection = await ConnectAsync(cancellationToken, ProtocolVersion.ExtendedClient);
        try
        {
            return await IdentifyAsync(connection, cancellationToken) is { } refusal ? throw new BuildServerException(refusal) : connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <returns>Null where the server lets the site in, else why not.</returns>
    private async Task<string?> IdentifyAsync(Connection connection, CancellationToken cancellationToken)
    {
        await connection.Writer.WriteAsync(new Command.PeerIdentity(ByteString.FromUtf8("site"), options.ServerKey), cancellationToken);
        return await connection.Reader.ReadFirstMessageAsync(cancellationToken) switch
        {
            Command.Success => null,
            Command.Failure(var reason) => reason.ToString(),
            _ => "the build server does not know extended clients",
        };
    }

    private async Task<Stream> OpenAsync(RemoteAddress remote, CancellationToken cancellationToken)
    {
        var plain = new NetworkStream(await remote.ConnectAsync(cancellationToken), ownsSocket: true);
        if (!options.UsesServerTls)
            return plain;
        var secure = new SslStream(plain);
        try
        {
            var authentication = new SslClientAuthenticationOptions { TargetHost = remote.Host };
            if (options.ServerAuthority is { } authority)
            {
                authentication.CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                };
                authentication.CertificateChainPolicy.CustomTrustStore.AddRange(authority);
            }
            await secure.AuthenticateAsClientAsync(authentication, cancellationToken);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    private Task<Connection> ConnectAsync(CancellationToken cancellationToken, long version = ProtocolVersion.Client) =>
        remotes.ConnectAsync(
            (remote, limit) => ConnectAsync(remote, version, limit),
            static exception =>
                exception is SocketException or IOException or AuthenticationException or ProtocolException or BuildServerException,
            static remote => new BuildServerException($"{remote} does not answer in time"),
            cancellationToken
        );

    private async Task<Connection> ConnectAsync(RemoteAddress remote, long version, CancellationToken cancellationToken)
    {
        var connection = new Connection(await OpenAsync(remote, cancellationToken), options.Clock);
        try
        {
            await connection.Writer.WriteAsync(new Command.ClientHello(PeerKind.Client, version), cancellationToken);
            return await connection.Reader.ReadFirstMessageAsync(cancellationToken) is Command.ServerHello
                ? connection
                : throw new BuildServerException("it refused the greeting");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static bool IsItsFault(Exception error, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && error
            is SocketException
                or IOException
                or AuthenticationException
                or ProtocolException
                or BuildServerException
                or OperationCanceledException;

    private static string Reason(Exception error) => error is OperationCanceledException ? "it took too long" : error.Message;

    private sealed class Connection(Stream stream, TimeProvider clock) : IDisposable
    {
        public FrameReader Reader { get; } = new(stream, Limits, clock);

        public FrameWriter Writer { get; } = new(stream, Limits, clock);

        public void Dispose()
        {
            Writer.Dispose();
            stream.Dispose();
        }
    }
}

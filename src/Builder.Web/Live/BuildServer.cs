using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Web.Options;

namespace Builder.Web.Live;

/// <summary>Asks a build server, as any client does: one connection a question.</summary>
internal sealed class BuildServer(RemoteAddress remote, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Less than the protocol allows: what a page shows has its limits too.</summary>
    private static readonly FrameLimits Limits = FrameLimits.Default with { MaxMessageSize = 16L << 20, HandshakeDeadline = Patience };

    /// <exception cref="WebOptionsException">Not an address.</exception>
    public static BuildServer Parse(string address, TimeProvider clock)
    {
        return RemoteAddress.TryParse(address, out var remote, out var reason)
            ? new BuildServer(remote, clock)
            : throw new WebOptionsException($"--server takes HOST:PORT or unix:PATH: {reason}");
    }

    /// <exception cref="BuildServerException">It cannot be reached, or does not speak as it should.</exception>
    public async Task<ServerInfo> InfoAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var connection = await ConnectAsync(limit.Token);
            await connection.Writer.WriteAsync(new Command.Info(), limit.Token);
            return await connection.Reader.ReadAsync(limit.Token) is Command.InfoReply reply
                ? reply.Server
                : throw new BuildServerException("the build server did not answer what it was asked");
        }
        catch (Exception exception) when (IsItsFault(exception, cancellationToken))
        {
            throw new BuildServerException($"the build server at {remote} does not answer ({Reason(exception)})", exception);
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

    private async Task<ByteString?> RequestAsync(string verb, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var connection = await ConnectAsync(limit.Token, ProtocolVersion.ExtendedClient);
            await connection.Writer.WriteAsync(new Command.PeerIdentity(ByteString.FromUtf8("site"), ByteString.Empty), limit.Token);
            if (await connection.Reader.ReadFirstMessageAsync(limit.Token) is not Command.Success)
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
            throw new BuildServerException($"the build server at {remote} does not answer ({Reason(exception)})", exception);
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
            var connection = await ConnectAsync(limit.Token);
            await connection.Writer.WriteAsync(new Command.Observe(build), limit.Token);
            return connection;
        }
        catch (Exception exception) when (IsItsFault(exception, cancellationToken))
        {
            throw new BuildServerException($"the build server at {remote} does not answer ({Reason(exception)})", exception);
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

    private async Task<Connection> ConnectAsync(CancellationToken cancellationToken, long version = ProtocolVersion.Client)
    {
        var connection = new Connection(new NetworkStream(await remote.ConnectAsync(cancellationToken), ownsSocket: true), clock);
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
        && error is SocketException or IOException or ProtocolException or BuildServerException or OperationCanceledException;

    private static string Reason(Exception error) => error is OperationCanceledException ? "it took too long" : error.Message;

    private sealed class Connection(NetworkStream stream, TimeProvider clock) : IDisposable
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

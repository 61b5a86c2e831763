using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Builder.Protocol.Der;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Worker.Options;

namespace Builder.Worker.Conversation;

/// <summary>A connection to the server up to the moment when a job has come. One connection, one job.</summary>
internal sealed class ServerConnection : IAsyncDisposable
{
    /// <summary>What a timer can wait for.</summary>
    private const long MaxTimeLimitSeconds = 4_000_000;

    private readonly Socket socket;
    private readonly Stream stream;
    private readonly FrameReader reader;
    private readonly LinkOptions link;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource closed = new();
    private Task heartbeats = Task.CompletedTask;
    private bool givesSigns;
    private int isDisposed;

    private ServerConnection(Socket socket, Stream stream, LinkOptions link, TimeProvider clock)
    {
        this.socket = socket;
        this.stream = stream;
        this.link = link;
        this.clock = clock;
        reader = new FrameReader(stream, FrameLimits.Default, clock);
        Writer = new FrameWriter(stream, FrameLimits.Default, clock);
    }

    public FrameWriter Writer { get; }

    public bool IsExtended => link.IsExtended;

    /// <summary>To the first of the servers that answers.</summary>
    /// <exception cref="ProtocolException">There is no server there, or none that speaks with this worker.</exception>
    public static Task<ServerConnection> OpenAsync(
        RemoteAddresses remotes,
        LinkOptions link,
        WorkerFacts facts,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        remotes.ConnectAsync(
            (remote, limit) => OpenAsync(remote, link, facts, clock, limit),
            static exception => exception is ProtocolException,
            static remote => new ProtocolException(ProtocolErrorReason.DeadlinePassed, $"{remote} does not answer in time"),
            cancellationToken
        );

    private static async Task<ServerConnection> OpenAsync(
        RemoteAddress remote,
        LinkOptions link,
        WorkerFacts facts,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        Socket? socket = null;
        try
        {
            socket = await remote.ConnectAsync(cancellationToken);
            WatchWhileSilent(socket);
            RefuseToGiveKeyAway(socket, link);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (link.UseTls)
                stream = await SecureAsync(stream, remote, link, cancellationToken);
            var connection = new ServerConnection(socket, stream, link, clock);
            await connection.GreetAsync(facts, cancellationToken);
            return connection;
        }
        catch (Exception exception)
        {
            socket?.Dispose();
            if (exception is SocketException or AuthenticationException or IOException)
                throw new ProtocolException(
                    ProtocolErrorReason.ConnectionLost,
                    $"cannot connect to {remote}: {exception.Message}",
                    exception
                );
            throw;
        }
    }

    /// <summary>Waits, for days if need be, until the server has a job.</summary>
    /// <exception cref="ProtocolException">The server is gone, or has something else to say.</exception>
    /// <returns>The job, and how long it may run, what it may take and what it repeats where the server says so.</returns>
    public async Task<OfferedJob> RequestJobAsync(Platform platform, CancellationToken cancellationToken)
    {
        await Writer.WriteAsync(new Command.JobRequested(platform.Bytes), cancellationToken);
        if (IsExtended)
            heartbeats = SendHeartbeatsAsync();
        TimeSpan? limit = null;
        var limits = JobLimits.None;
        var command = await ReadAsync(cancellationToken);
        if (IsExtended && command is Command.Request request && request.Verb.ToString() == JobLimitsMessage.Verb)
        {
            limits = JobLimitsMessage.From(request);
            command = await ReadAsync(cancellationToken);
        }
        RepetitionOrder? repetition = null;
        if (IsExtended && command is Command.Request order && order.Verb.ToString() == RepetitionOrder.Verb)
        {
            repetition = RepetitionOrder.From(order);
            command = await ReadAsync(cancellationToken);
        }
        LeaseMessage? lease = null;
        if (IsExtended && command is Command.Request told && told.Verb.ToString() == LeaseMessage.Verb)
        {
            lease = LeaseMessage.From(told);
            command = await ReadAsync(cancellationToken);
        }
        if (IsExtended && command is Command.TimeLimit(var seconds))
        {
            limit = TimeSpan.FromSeconds(Math.Clamp(seconds, 1, MaxTimeLimitSeconds));
            command = await ReadAsync(cancellationToken);
        }
        return command is Command.JobSchedule job
            ? new OfferedJob(job.Uuid, job.Job, limit, limits, repetition, lease)
            : throw Unexpected(command, "a job");
    }

    /// <summary>Comes back to a job, in place of asking for one.</summary>
    /// <returns>How many lines of the console the server has; or why it does not want the job any more.</returns>
    /// <exception cref="ProtocolException">The server is gone.</exception>
    public async Task<(long Lines, string? Refusal)> ResumeAsync(ResumeMessage resume, CancellationToken cancellationToken)
    {
        await Writer.WriteAsync(resume.ToCommand(), cancellationToken);
        heartbeats = SendHeartbeatsAsync();
        return await ReadAsync(cancellationToken) switch
        {
            Command.Answer answer => (ResumeMessage.LinesOf(answer), null),
            Command.Failure(var reason) => (0, reason.ToString()),
            var other => throw Unexpected(other, "an answer to resume"),
        };
    }

    /// <summary>The next word of the server; null where it has closed.</summary>
    /// <exception cref="ProtocolException">The connection broke, or a server that gives signs of life gave none for too long.</exception>
    public async ValueTask<Command?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var command = await ReadAnyAsync(cancellationToken);
            if (command is not Command.Heartbeat || !IsExtended)
                return command;
            givesSigns = true;
        }
    }

    private async ValueTask<Command?> ReadAnyAsync(CancellationToken cancellationToken)
    {
        if (!givesSigns)
            return await reader.ReadAsync(cancellationToken);
        using var silence = new CancellationTokenSource(link.MaxServerSilence, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProtocolException(
                ProtocolErrorReason.DeadlinePassed,
                $"the server gave no sign of life for {link.MaxServerSilence.TotalSeconds} seconds"
            );
        }
    }

    /// <summary>Says that nothing more will come; the server's words can still be read.</summary>
    public async Task FinishSendingAsync()
    {
        await closed.CancelAsync();
        await heartbeats;
        if (stream is SslStream secure)
            await secure.ShutdownAsync();
        socket.Shutdown(SocketShutdown.Send);
    }

    public static ProtocolException Unexpected(Command? command, string expected) =>
        command switch
        {
            null => new ProtocolException(ProtocolErrorReason.ConnectionLost, $"the server closed the connection; expected {expected}"),
            Command.Failure(var reason) => new ProtocolException(ProtocolErrorReason.Refused, $"the server refused: {reason}"),
            _ => new ProtocolException(ProtocolErrorReason.Unexpected, $"the server sent {command.GetType().Name}; expected {expected}"),
        };

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) != 0)
            return;
        await closed.CancelAsync();
        await stream.DisposeAsync();
        await heartbeats;
        Writer.Dispose();
        closed.Dispose();
    }

    private async Task GreetAsync(WorkerFacts facts, CancellationToken cancellationToken)
    {
        var version = IsExtended ? ProtocolVersion.ExtendedWorker : ProtocolVersion.Worker;
        await Writer.WriteAsync(new Command.ClientHello(PeerKind.Worker, version), cancellationToken);
        var answer = await reader.ReadFirstMessageAsync(cancellationToken);
        if (answer is null && IsExtended)
        {
            throw new ProtocolException(
                ProtocolErrorReason.Refused,
                "the server closed the connection at an extended worker's hello: it is not ours, or of an earlier version; "
                    + "leave out --extended, --key-file and --tls to work for it"
            );
        }
        if (answer is not Command.ServerHello)
            throw Unexpected(answer, "its hello");
        if (!IsExtended)
            return;
        await Writer.WriteAsync(new Command.PeerIdentity(ByteString.FromUtf8(link.Name), link.Key), cancellationToken);
        if (await reader.ReadAsync(cancellationToken) is var welcome && welcome is not Command.Success)
            throw Unexpected(welcome, "its welcome");
        await Writer.WriteAsync(facts.ToCommand(), cancellationToken);
    }

    private async Task SendHeartbeatsAsync()
    {
        using var timer = new PeriodicTimer(link.HeartbeatInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(closed.Token))
                await Writer.WriteAsync(new Command.Heartbeat(), closed.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ProtocolException)
        {
            // The connection has ended, which its reader is told as well.
        }
    }

    /// <summary>A server that has lost its power says nothing: the kernel asks now and then whether it is still there.</summary>
    private static void WatchWhileSilent(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
            return;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
    }

    private static void RefuseToGiveKeyAway(Socket socket, LinkOptions link)
    {
        if (link.Key.IsEmpty || link.UseTls || link.Insecure || socket.RemoteEndPoint is not IPEndPoint { Address: var address })
            return;
        if (!IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address))
            throw new ProtocolException(ProtocolErrorReason.Refused, "a key is not sent over the network without --tls (or --insecure)");
    }

    private static async Task<SslStream> SecureAsync(
        Stream stream,
        RemoteAddress remote,
        LinkOptions link,
        CancellationToken cancellationToken
    )
    {
        var secure = new SslStream(stream);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = remote.Host,
            ClientCertificates = link.Certificate is { } own ? [own] : null,
        };
        if (link.Authority is { } authority)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck,
            };
        }
        await secure.AuthenticateAsClientAsync(options, cancellationToken);
        return secure;
    }
}

using System.Net.Sockets;
using Builder.Protocol.Framing;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server;
using Builder.Server.Options;
using Builder.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Benchmarks.Server;

/// <summary>A server in this process, on a real socket and a real disk, and peers of the original for it.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    public static readonly ByteString Platform = ByteString.FromUtf8("debian-12");

    private static readonly ByteString Script = ByteString.FromUtf8(
        "#!/bin/sh\nset -e\necho a script of ordinary length for a trivial job\nmake -C src all check\n"
    );

    private readonly TemporaryDirectory directory = new();
    private BuilderServer? server;

    public int Port => server!.Port;

    public async Task StartAsync()
    {
        var options = new ServerOptions
        {
            Port = 0,
            Directory = directory["server"],
            ConfigurationDirectory = directory["config"],
        };
        server = new BuilderServer(options, TimeProvider.System, NullLoggerFactory.Instance);
        await server.StartAsync();
    }

    public async Task StopAsync() => await server!.DisposeAsync();

    public static ScriptJob Job(int number) => new(ByteString.FromUtf8($"job-{number}"), Platform, Script);

    /// <summary>One command of a client on a connection of its own.</summary>
    public async Task AskAsync(Command command, bool mayFail = false)
    {
        using var client = await ConnectAsync(PeerKind.Client, ProtocolVersion.Client);
        await client.Writer.WriteAsync(command, CancellationToken.None);
        while (await client.Reader.ReadAsync(CancellationToken.None) is { } answer and not Command.Success)
        {
            if (answer is Command.Failure(var reason) && !mayFail)
                throw new InvalidOperationException(reason.ToString());
        }
    }

    /// <summary>Schedules jobs with one message, as <c>builder client apply</c> does.</summary>
    public async Task ApplyAsync(int count)
    {
        var script = Convert.ToBase64String(Script.Span);
        var jobs = Enumerable
            .Range(0, count)
            .Select(number => $$"""{"name":"job-{{number}}","platform":"{{Platform}}","script":"{{script}}","period":"never"}""");
        using var client = await ConnectAsync(PeerKind.Client, ProtocolVersion.ExtendedClient);
        await client.Writer.WriteAsync(new Command.PeerIdentity(ByteString.Empty, ByteString.Empty), CancellationToken.None);
        await client.ExpectAsync<Command.Success>();
        var request = ByteString.FromUtf8($$"""{"jobs":[{{string.Join(',', jobs)}}]}""");
        await client.Writer.WriteAsync(new Command.Request(ByteString.FromUtf8("apply"), request), CancellationToken.None);
        await client.ExpectAsync<Command.Answer>();
        await client.ExpectAsync<Command.Success>();
    }

    /// <summary>Asks for the whole state, and looks at each job in it.</summary>
    public async Task InfoAsync()
    {
        using var client = await ConnectAsync(PeerKind.Client, ProtocolVersion.Client);
        await client.Writer.WriteAsync(new Command.Info(), CancellationToken.None);
        var info = (await client.ExpectAsync<Command.InfoReply>()).Server;
        await client.ExpectAsync<Command.Success>();
        var bytes =
            info.Schedule.Sum(item => item.Job.Name.Length + ((ScriptJob)item.Job).Script.Length)
            + info.Queues.Sum(queue => queue.Jobs.Sum(job => job.Name.Length));
        if (info.Schedule.Count == 0 || bytes < info.Schedule.Count * Script.Length)
            throw new InvalidOperationException("the state is not whole");
    }

    /// <summary>A worker that takes a job, and gives it back finished, with one small file.</summary>
    public async Task BuildOneAsync(IReadOnlyList<Artifact> files)
    {
        using var worker = await ConnectAsync(PeerKind.Worker, ProtocolVersion.Worker);
        await worker.Writer.WriteAsync(new Command.JobRequested(Platform), CancellationToken.None);
        var job = await worker.ExpectAsync<Command.JobSchedule>();
        await worker.Writer.WriteAsync(new Command.Output(job.Uuid, ByteString.FromUtf8("hello")), CancellationToken.None);
        await worker.Writer.WriteAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), files), CancellationToken.None);
        await worker.Reader.ReadAsync(CancellationToken.None);
    }

    /// <summary>A worker that gets a job and goes away with it.</summary>
    public async Task TakeOneAsync()
    {
        using var worker = await ConnectAsync(PeerKind.Worker, ProtocolVersion.Worker);
        await worker.Writer.WriteAsync(new Command.JobRequested(Platform), CancellationToken.None);
        await worker.ExpectAsync<Command.JobSchedule>();
    }

    /// <summary>Asks for the whole state, and leaves when the answer begins to come.</summary>
    public async Task InfoFirstByteAsync()
    {
        using var client = await ConnectAsync(PeerKind.Client, ProtocolVersion.Client);
        await client.Writer.WriteAsync(new Command.Info(), CancellationToken.None);
        await client.Stream.ReadExactlyAsync(new byte[1]);
    }

    public async Task<Peer> ConnectAsync(PeerKind kind, long version)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", Port);
        var peer = new Peer(new NetworkStream(socket, ownsSocket: true));
        await peer.Writer.WriteAsync(new Command.ClientHello(kind, version), CancellationToken.None);
        await peer.ExpectAsync<Command.ServerHello>();
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        directory.Dispose();
    }

    internal sealed class Peer(Stream stream) : IDisposable
    {
        private static readonly FrameLimits Limits = FrameLimits.Default with { MaxMessageSize = 1L << 30 };

        public Stream Stream { get; } = stream;

        public FrameReader Reader { get; } = new(stream, Limits, TimeProvider.System);

        public FrameWriter Writer { get; } = new(stream, Limits, TimeProvider.System);

        public async Task<T> ExpectAsync<T>()
            where T : Command =>
            await Reader.ReadAsync(CancellationToken.None) is T found
                ? found
                : throw new InvalidOperationException($"{typeof(T).Name} was expected");

        public void Dispose()
        {
            Writer.Dispose();
            Stream.Dispose();
        }
    }
}

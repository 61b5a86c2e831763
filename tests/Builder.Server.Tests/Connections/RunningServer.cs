using System.Collections.Concurrent;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Options;
using Builder.Testing;
using Microsoft.Extensions.Logging;

namespace Builder.Server.Tests.Connections;

/// <summary>A server on a free port with a directory of its own; its log can be looked into.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly Func<ServerOptions, ServerOptions> configure;
    private readonly TimeProvider clock;
    private BuilderServer? server;

    private RunningServer(Func<ServerOptions, ServerOptions> configure, TimeProvider clock)
    {
        this.configure = configure;
        this.clock = clock;
    }

    public KeptLog Log { get; } = new();

    public string Directory => directory["server"];

    public string ConfigurationDirectory => directory["config"];

    public int Port => server!.Port;

    public int? MetricsPort => server!.MetricsPort;

    public static async Task<RunningServer> StartAsync(Func<ServerOptions, ServerOptions>? configure = null, TimeProvider? clock = null)
    {
        var running = new RunningServer(configure ?? (options => options), clock ?? TimeProvider.System);
        System.IO.Directory.CreateDirectory(running.ConfigurationDirectory);
        await running.StartAgainAsync();
        return running;
    }

    public async Task StartAgainAsync()
    {
        var options = configure(
            new ServerOptions
            {
                Port = 0,
                Directory = Directory,
                ConfigurationDirectory = ConfigurationDirectory,
            }
        );
        server = new BuilderServer(options, clock, Log);
        await server.StartAsync(TestContext.Current.CancellationToken);
    }

    public async Task StopAsync() => await server!.DisposeAsync();

    public Task<WirePeer> ConnectAsync() => WirePeer.ConnectAsync(Port);

    public async Task<WirePeer> ConnectAsync(PeerKind kind, long? version = null)
    {
        var peer = await ConnectAsync();
        await peer.SendAsync(
            new Command.ClientHello(kind, version ?? (kind == PeerKind.Client ? ProtocolVersion.Client : ProtocolVersion.Worker))
        );
        Assert.Equal(new Command.ServerHello(), await peer.ReceiveAsync());
        return peer;
    }

    /// <summary>A worker of the original that has a job.</summary>
    public async Task<(WirePeer Worker, Command.JobSchedule Job)> TakeAsync(string platform = "debian-12")
    {
        var worker = await ConnectAsync(PeerKind.Worker);
        await worker.SendAsync(new Command.JobRequested(ByteString.FromUtf8(platform)));
        return (worker, Assert.IsType<Command.JobSchedule>(await worker.ReceiveAsync()));
    }

    /// <summary>A peer that speaks the extended protocol and was let in.</summary>
    public async Task<WirePeer> ExtendedAsync(PeerKind kind, string name, string key)
    {
        var peer = await ConnectAsync(kind, kind == PeerKind.Worker ? ProtocolVersion.ExtendedWorker : ProtocolVersion.ExtendedClient);
        await peer.SendAsync(new Command.PeerIdentity(ByteString.FromUtf8(name), ByteString.FromUtf8(key)));
        Assert.Equal(new Command.Success(), await peer.ReceiveAsync());
        return peer;
    }

    /// <summary>A peer that speaks the extended protocol and was not let in.</summary>
    public async Task<WirePeer> RefusedAsync(PeerKind kind, string key)
    {
        var peer = await ConnectAsync(kind, kind == PeerKind.Worker ? ProtocolVersion.ExtendedWorker : ProtocolVersion.ExtendedClient);
        await peer.SendAsync(new Command.PeerIdentity(ByteString.Empty, ByteString.FromUtf8(key)));
        Assert.IsType<Command.Failure>(await peer.ReceiveAsync());
        return peer;
    }

    /// <summary>An extended worker that has a job.</summary>
    public async Task<(WirePeer Worker, Command.JobSchedule Job)> TakeExtendedAsync(long limitInSeconds = 3600)
    {
        var worker = await ExtendedAsync(PeerKind.Worker, "w1", "");
        await worker.SendAsync(new Command.JobRequested(ByteString.FromUtf8("debian-12")));
        Assert.Equal(JobLimitsMessage.Verb, Assert.IsType<Command.Request>(await worker.ReceiveAsync()).Verb.ToString());
        Assert.Equal(new Command.TimeLimit(limitInSeconds), await worker.ReceiveAsync());
        return (worker, Assert.IsType<Command.JobSchedule>(await worker.ReceiveAsync()));
    }

    /// <summary>The answer to a request with an empty JSON body.</summary>
    public async Task<string> RequestAsync(string verb)
    {
        using var client = await ExtendedAsync(PeerKind.Client, "", "");
        await client.SendAsync(new Command.Request(ByteString.FromUtf8(verb), ByteString.FromUtf8("{}")));
        return Assert.IsType<Command.Answer>(await client.ReceiveAsync()).Body.ToString();
    }

    /// <summary>One command of a client, and everything that the server answers.</summary>
    public async Task<IReadOnlyList<Command>> AskAsync(Command command)
    {
        using var client = await ConnectAsync(PeerKind.Client);
        await client.SendAsync(command);
        return await client.ReceiveAllAsync();
    }

    public async Task DoAsync(Command command) => Assert.Equal([new Command.Success()], await AskAsync(command));

    public Task ScheduleAsync(string name, Period period = Period.Daily, string platform = "debian-12") =>
        DoAsync(
            new Command.Schedule(
                period,
                new ScriptJob(ByteString.FromUtf8(name), ByteString.FromUtf8(platform), ByteString.FromUtf8("true"))
            )
        );

    public async Task<ServerInfo> InfoAsync() => Assert.IsType<Command.InfoReply>((await AskAsync(new Command.Info()))[0]).Server;

    /// <summary>The builds on disk, by job.</summary>
    public IReadOnlyList<Exec> Builds() =>
        [
            .. System
                .IO.Directory.EnumerateFiles(Directory, "full", SearchOption.AllDirectories)
                .Where(path => !path.Contains("/_", StringComparison.Ordinal))
                .Select(path => ExecCodec.Decode(File.ReadAllBytes(path)))
                .OrderBy(exec => exec.Started),
        ];

    /// <summary>Waits for what must come, and fails with the log when it does not.</summary>
    public async Task<T> EventuallyAsync<T>(Func<Task<T>> look, Func<T, bool> isThere)
    {
        for (var tries = 0; ; tries++)
        {
            var seen = await look();
            if (isThere(seen))
                return seen;
            Assert.True(tries < 1500, $"it did not come; the log:\n{string.Join('\n', Log.Lines)}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public Task<IReadOnlyList<Exec>> BuildsAsync(int count) =>
        EventuallyAsync(() => Task.FromResult(Builds()), builds => builds.Count >= count);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        directory.Dispose();
    }

    internal sealed class KeptLog : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

        public void Dispose() { }
    }
}

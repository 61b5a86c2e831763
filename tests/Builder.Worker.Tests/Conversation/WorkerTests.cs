using System.Net;
using Builder.Protocol.Der;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Worker.Tests.Conversation;

public sealed class WorkerTests
{
    [Fact]
    public async Task One_connection_is_one_job_and_the_end()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        var worker = Run(server, directory);

        using var peer = await server.AcceptAsync();
        var uuid = await peer.GiveAsync("echo hello; echo artifact > file");
        var (lines, finished) = await peer.TakeAsync();

        Assert.Equal(["hello"], lines);
        Assert.Equal(uuid, finished.Uuid);
        Assert.Equal(new ExecutionResult.Exited(0), finished.Result);
        Assert.Equal([new Artifact(ArtifactPath.Parse("file"), "artifact\n"u8.ToArray())], finished.Data);
        Assert.Null(await peer.ReadAsync());
        peer.Dispose();
        await worker;
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_looping_worker_comes_back_for_the_next_job_and_after_a_server_that_went_away()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        using var stop = new CancellationTokenSource();
        var worker = Run(server, directory, options => options with { Loop = true }, stop.Token);

        for (var i = 0; i < 3; i++)
        {
            using var peer = await server.AcceptAsync();
            await peer.GiveAsync($"echo {i}; ls");
            var (lines, _) = await peer.TakeAsync();
            Assert.Equal([$"{i}", "script.sh"], lines);
        }
        using (var lost = await server.AcceptAsync())
        {
            await lost.GiveAsync("echo lost; sleep 4321");
            Assert.IsType<Command.Output>(await lost.ReadAsync());
        }
        using (var refused = await server.AcceptAsync())
        {
            Assert.IsType<Command.ClientHello>(await refused.ReadAsync());
            await refused.WriteAsync(new Command.Failure(ByteString.FromUtf8("not now")));
        }
        using (var waiting = await server.AcceptAsync())
        {
            Assert.IsType<Command.ClientHello>(await waiting.ReadAsync());
            await stop.CancelAsync();
            await worker;
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_worker_without_room_for_a_job_takes_none()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        await File.WriteAllTextAsync(directory["work"], "in the way", TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<Builder.Worker.Files.NoRoomException>(() =>
            Run(server, directory, options => options with { WorkDirectory = directory["work"] })
        );

        Assert.Contains(directory["work"], error.Message, StringComparison.Ordinal);
        Assert.False(server.IsAsked);
    }

    [Fact]
    public async Task A_looping_worker_waits_until_there_is_room()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        using var stop = new CancellationTokenSource();
        await File.WriteAllTextAsync(directory["work"], "in the way", TestContext.Current.CancellationToken);
        var worker = Run(server, directory, options => options with { WorkDirectory = directory["work"], Loop = true }, stop.Token);
        Assert.False(server.IsAsked);

        File.Delete(directory["work"]);

        using (var peer = await server.AcceptAsync())
        {
            await peer.GiveAsync("echo hello");
            Assert.Equal(["hello"], (await peer.TakeAsync()).Lines);
            await stop.CancelAsync();
        }
        await worker;
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_an_error_that_names_it()
    {
        using var directory = new TemporaryDirectory();
        RemoteAddress address;
        using (var server = new FakeServer())
            address = server.Address;

        var error = await Assert.ThrowsAsync<ProtocolException>(() => Run(null, directory, options => options with { Remote = address }));

        Assert.Equal(ProtocolErrorReason.ConnectionLost, error.Reason);
        Assert.StartsWith($"cannot connect to {address}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_refuses_says_why()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        var worker = Run(server, directory);

        using var peer = await server.AcceptAsync();
        await peer.ReadAsync();
        await peer.WriteAsync(new Command.Failure(ByteString.FromUtf8("wrong version")));

        var error = await Assert.ThrowsAsync<ProtocolException>(() => worker);
        Assert.Equal("the server refused: wrong version", error.Message);
    }

    [Fact]
    public async Task A_lost_server_ends_the_job()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        var worker = Run(server, directory);

        using (var peer = await server.AcceptAsync())
        {
            await peer.GiveAsync("echo started; sleep 4321");
            Assert.IsType<Command.Output>(await peer.ReadAsync());
        }

        var error = await Assert.ThrowsAsync<ProtocolException>(() => worker);
        Assert.Equal(ProtocolErrorReason.ConnectionLost, error.Reason);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_stopped_worker_ends_its_job_and_sends_no_result()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        using var stop = new CancellationTokenSource();
        var worker = Run(server, directory, cancellationToken: stop.Token);

        using var peer = await server.AcceptAsync();
        await peer.GiveAsync("trap '' TERM\necho started; sleep 4321");
        Assert.IsType<Command.Output>(await peer.ReadAsync());
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => worker);
        Assert.Null(await peer.ReadAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_worker_speaks_over_IPv6_too()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "there is no IPv6 here");
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer(IPAddress.IPv6Loopback);
        var worker = Run(server, directory);

        using (var peer = await server.AcceptAsync())
        {
            await peer.GiveAsync("exit 4");
            Assert.Equal(new ExecutionResult.Exited(4), (await peer.TakeAsync()).Finished.Result);
        }
        await worker;
    }

    [Fact]
    public async Task An_extended_worker_says_who_it_is_lives_audibly_can_be_cancelled_and_tells_what_it_took()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        var link = new LinkOptions
        {
            Name = "w1",
            Key = ByteString.FromUtf8("secret"),
            HeartbeatInterval = TimeSpan.FromMilliseconds(20),
        };
        var worker = Run(server, directory, options => options with { Link = link });

        using var peer = await server.AcceptAsync();
        Assert.Equal(new Command.ClientHello(PeerKind.Worker, ProtocolVersion.ExtendedWorker), await peer.ReadAsync());
        await peer.WriteAsync(new Command.ServerHello());
        Assert.Equal(new Command.PeerIdentity(ByteString.FromUtf8("w1"), ByteString.FromUtf8("secret")), await peer.ReadAsync());
        await peer.WriteAsync(new Command.Success());
        Assert.Equal("none", WorkerFacts.From(Assert.IsType<Command.Request>(await peer.ReadAsync())).Isolation.Name);
        Assert.Equal(new Command.JobRequested(ByteString.FromUtf8("debian-12")), await peer.ReadAsync());
        Assert.IsType<Command.Heartbeat>(await peer.ReadAsync());
        var uuid = BuildUuid.NewRandom();
        await peer.WriteAsync(new Command.JobSchedule(uuid, FakeServer.Peer.ScriptOf("echo kept > file; sleep 4321")));
        await peer.WriteAsync(new Command.Cancel(BuildUuid.NewRandom())); // another build's, of no meaning here
        Assert.IsType<Command.Heartbeat>(await peer.ReadAsync());
        while (!File.Exists(Path.Combine(Directory.EnumerateDirectories(directory.Path).FirstOrDefault("/"), "job", "file")))
            await Task.Delay(5, TestContext.Current.CancellationToken);
        await peer.WriteAsync(new Command.Cancel(uuid));
        var rest = new List<Command>();
        while (await peer.ReadAsync() is { } command)
        {
            rest.Add(command);
            if (command is Command.JobFinished)
                await peer.WriteAsync(new Command.Success());
        }
        await worker;

        rest.RemoveAll(command => command is Command.Heartbeat);
        Assert.Equal(uuid, Assert.IsType<Command.Usage>(rest[0]).Uuid);
        var finished = Assert.IsType<Command.JobFinished>(rest[1]);
        Assert.Equal(new ExecutionResult.Message(ByteString.FromUtf8("cancelled")), finished.Result);
        Assert.Equal(["file"], finished.Data.Select(artifact => artifact.Path.ToString()));
        Assert.Equal(2, rest.Count);
    }

    [Fact]
    public async Task A_job_over_the_limit_that_the_server_gave_is_ended_and_its_files_are_sent()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        var worker = Run(server, directory, options => options with { Link = new LinkOptions { Extended = true } });

        using var peer = await AcceptExtendedAsync(server);
        await peer.WriteAsync(new Command.TimeLimit(1));
        await peer.WriteAsync(new Command.JobSchedule(BuildUuid.NewRandom(), FakeServer.Peer.ScriptOf("echo kept > file; sleep 4321")));
        Assert.IsType<Command.Usage>(await peer.ReadAsync());
        var finished = Assert.IsType<Command.JobFinished>(await peer.ReadAsync());
        await peer.WriteAsync(new Command.Success());
        await worker;

        Assert.Equal(new ExecutionResult.Message(ByteString.FromUtf8("timeout")), finished.Result);
        Assert.Equal(["file"], finished.Data.Select(artifact => artifact.Path.ToString()));
    }

    [Theory]
    [InlineData(null, null, 60)]
    [InlineData(null, 180, 180)]
    [InlineData(null, 5, 5)]
    [InlineData(120, 180, 120)]
    [InlineData(120, 5, 5)]
    [InlineData(120, null, 120)]
    public void The_time_limit_is_the_servers_unless_the_workers_own_is_shorter(int? own, int? servers, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), BuilderWorker.LimitOf(Minutes(own), Minutes(servers)));

    private static TimeSpan? Minutes(int? count) => count is { } minutes ? TimeSpan.FromMinutes(minutes) : null;

    [Fact]
    public async Task A_server_that_did_not_take_the_result_is_an_error_of_an_extended_worker()
    {
        using var directory = new TemporaryDirectory();
        using var server = new FakeServer();
        var worker = Run(server, directory, options => options with { Link = new LinkOptions { Extended = true } });

        using var peer = await AcceptExtendedAsync(server);
        await peer.WriteAsync(new Command.JobSchedule(BuildUuid.NewRandom(), FakeServer.Peer.ScriptOf(":")));
        while (await peer.ReadAsync() is not Command.JobFinished) { }
        await peer.WriteAsync(new Command.Failure(ByteString.FromUtf8("lease lost")));

        var error = await Assert.ThrowsAsync<ProtocolException>(() => worker);
        Assert.Equal("the server refused: lease lost", error.Message);
    }

    /// <summary>Up to the moment when the worker waits for a job.</summary>
    private static async Task<FakeServer.Peer> AcceptExtendedAsync(FakeServer server)
    {
        var peer = await server.AcceptAsync();
        await peer.ReadAsync();
        await peer.WriteAsync(new Command.ServerHello());
        await peer.ReadAsync();
        await peer.WriteAsync(new Command.Success());
        await peer.ReadAsync();
        await peer.ReadAsync();
        return peer;
    }

    private static Task Run(
        FakeServer? server,
        TemporaryDirectory directory,
        Func<WorkerOptions, WorkerOptions>? change = null,
        CancellationToken? cancellationToken = null
    )
    {
        var options = new WorkerOptions
        {
            Platform = Platform.Parse("debian-12"),
            Remote = server?.Address ?? RemoteAddress.Default,
            WorkDirectory = directory.Path,
        };
        var worker = new BuilderWorker(change?.Invoke(options) ?? options, TimeProvider.System, NullLogger.Instance);
        return worker.RunAsync(cancellationToken ?? TestContext.Current.CancellationToken);
    }
}

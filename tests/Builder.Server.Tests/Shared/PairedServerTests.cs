using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Options;
using Builder.Server.Scheduling;
using Builder.Server.Shared;
using Builder.Server.State;
using Builder.Server.Tests.Connections;
using Builder.Server.Tests.State;
using Builder.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Server.Tests.Shared;

/// <summary>Two servers on one state in PostgreSQL: one serves, the other takes over, and never do both.</summary>
public sealed class PairedServerTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>, IDisposable
{
    private readonly RunningServer.KeptLog log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_standby_serves_what_the_server_before_it_acknowledged()
    {
        await using var shared = await SharedStateFixture.CreateAsync(server);
        using var directory = new TemporaryDirectory();
        await using var first = await StartAsync(shared, directory["first"], "first");
        var port = await PortAsync(first);
        await using var second = await StartAsync(shared, directory["second"], "second");
        await ScheduleAsync(port, "hello");
        await EventuallyAsync(() => log.Lines.Any(line => line.Contains("standby: \"first\" serves", StringComparison.Ordinal)));
        Assert.Null(second.Port);
        Assert.Equal("standby: \"first\" serves\n", await HealthAsync(second));
        Assert.Equal("well: serving\n", await HealthAsync(first));
        Assert.Contains("builder_server_serving 0\n", await GetAsync(second, "metrics"), StringComparison.Ordinal);
        Assert.Contains("builder_server_epoch 1\n", await GetAsync(first, "metrics"), StringComparison.Ordinal);

        await first.StopAsync();

        port = await PortAsync(second);
        Assert.Equal("hello", (await InfoAsync(port)).Schedule.Single().Job.Name.ToString());
        Assert.Equal("well: serving\n", await HealthAsync(second));
        Assert.Contains("builder_server_epoch 2\n", await GetAsync(second, "metrics"), StringComparison.Ordinal);
        Assert.Equal("""{"role":"serving","holder":"second","epoch":2}""", await RequestAsync(port, "server"));
        Assert.Equal(
            await File.ReadAllTextAsync(directory["first/_record-key.pub"], Cancellation),
            await File.ReadAllTextAsync(directory["second/_record-key.pub"], Cancellation)
        );
    }

    [Fact]
    public async Task A_server_whose_lease_was_taken_closes_its_connections_and_is_a_standby_again()
    {
        await using var shared = await SharedStateFixture.CreateAsync(server);
        using var directory = new TemporaryDirectory();
        await using var first = await StartAsync(shared, directory["first"], "first");
        var port = await PortAsync(first);
        using var client = await ExtendedAsync(port);
        await client.SendAsync(new Command.Request(ByteString.FromUtf8("changes"), ByteString.FromUtf8("{}")));
        Assert.IsType<Command.Answer>(await client.ReceiveAsync());
        await shared.ExecuteAsync(
            "UPDATE server_lease SET epoch = epoch + 1, holder = 'another', until = clock_timestamp() + interval '1 hour'"
        );
        // A request finds out as well as the next renewal does.
        using (var asking = await WirePeer.ConnectAsync(port))
        {
            await asking.SendAsync(new Command.ClientHello(PeerKind.Client, ProtocolVersion.Client));
            await asking.ReceiveAsync();
            await asking.SendAsync(new Command.Schedule(Period.Daily, new ScriptJob(Text("late"), Text("debian-12"), Text("true"))));
            Assert.DoesNotContain(new Command.Success(), await asking.ReceiveAllAsync());
        }
        while (await client.ReceiveAsync() is not null) { }
        await EventuallyAsync(() => log.Lines.Any(line => line.Contains("another server has taken over", StringComparison.Ordinal)));
        await EventuallyAsync(async () => await HealthAsync(first) == "standby: \"another\" serves\n");
        Assert.Null(first.Port);
        Assert.Equal(0L, await shared.ExecuteAsync("SELECT count(*) FROM server_event WHERE position('late'::bytea IN data) > 0"));
        await shared.ExecuteAsync("UPDATE server_lease SET until = clock_timestamp()");
        Assert.Empty((await InfoAsync(await PortAsync(first))).Schedule);
    }

    [Fact]
    public async Task A_state_goes_to_the_database_and_back()
    {
        await using var shared = await SharedStateFixture.CreateAsync(server);
        using var directory = new TemporaryDirectory();
        await using (var alone = new BuilderServer(Options(directory["from"]), TimeProvider.System, log))
        {
            await alone.StartAsync(Cancellation);
            await ScheduleAsync(alone.Port, "hello");
            await ScheduleAsync(alone.Port, "world");
        }
        var there = Options(directory["from"]) with { SharedState = shared.Options("copy") };
        Assert.Contains("2 jobs, 2 queued", (await Copy(there).ToDatabaseAsync(Cancellation))[0], StringComparison.Ordinal);
        var again = await Assert.ThrowsAsync<IOException>(() => Copy(there).ToDatabaseAsync(Cancellation));
        Assert.Equal("the database holds a state already; give an empty database", again.Message);

        await using (var paired = await StartAsync(shared, directory["second"], "second"))
        {
            await ScheduleAsync(await PortAsync(paired), "third");
            var busy = await Assert.ThrowsAsync<IOException>(() => Copy(there).ToDirectoryAsync(Cancellation));
            Assert.Equal("\"second\" serves the state in the database; stop that server first", busy.Message);
        }
        var back = Options(directory["back"]) with { SharedState = shared.Options("copy") };
        Assert.Contains("3 jobs, 3 queued", (await Copy(back).ToDirectoryAsync(Cancellation))[0], StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => Copy(back).ToDirectoryAsync(Cancellation));
        Assert.Equal(
            await File.ReadAllTextAsync(directory["from/_record-key.pem"], Cancellation),
            await File.ReadAllTextAsync(directory["back/_record-key.pem"], Cancellation)
        );
        var state = new SchedulerState();
        await using (DirectoryJournal.Open(directory["back/_journal"], state.Apply, TimeProvider.System, NullLogger.Instance)) { }
        Assert.Equal(["hello", "third", "world"], state.Jobs.Keys.Select(name => name.Value).Order(StringComparer.Ordinal));
        Assert.NotEmpty(ReplayTests.Describe(state));
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_named_at_the_start()
    {
        using var directory = new TemporaryDirectory();
        await using var paired = new PairedServer(
            Options(directory["server"]) with
            {
                SharedState = new SharedStateOptions { ConnectionString = $"Host={directory["nothing"]};Database=x;Password=secret" },
            },
            TimeProvider.System,
            log
        );
        var exception = await Assert.ThrowsAsync<IOException>(() => paired.StartAsync(Cancellation));
        Assert.StartsWith("the database of --state cannot be used: ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => log.Dispose();

    private StateCopy Copy(ServerOptions options) => new(options, TimeProvider.System, log);

    private static ServerOptions Options(string directory) =>
        new()
        {
            Port = 0,
            MetricsPort = 0,
            Directory = directory,
            ConfigurationDirectory = directory,
        };

    private async Task<PairedServer> StartAsync(SharedStateFixture shared, string directory, string holder)
    {
        var paired = new PairedServer(
            Options(directory) with
            {
                SharedState = shared.Options(holder, SharedStateFixture.ShortLease),
            },
            TimeProvider.System,
            log
        );
        await paired.StartAsync(Cancellation);
        return paired;
    }

    private async Task<int> PortAsync(PairedServer paired)
    {
        await EventuallyAsync(() => paired.Port is not null);
        return paired.Port!.Value;
    }

    private Task EventuallyAsync(Func<bool> isThere) => EventuallyAsync(() => Task.FromResult(isThere()));

    private async Task EventuallyAsync(Func<Task<bool>> isThereAsync)
    {
        for (var tries = 0; !await isThereAsync(); tries++)
        {
            Assert.True(tries < 3000, $"it did not come; the log:\n{string.Join('\n', log.Lines)}");
            await Task.Delay(10, Cancellation);
        }
    }

    private static Task<string> HealthAsync(PairedServer paired) => GetAsync(paired, "health");

    private static async Task<string> GetAsync(PairedServer paired, string page)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{paired.MetricsPort}/{page}"), Cancellation);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private static ByteString Text(string text) => ByteString.FromUtf8(text);

    private static async Task<WirePeer> ExtendedAsync(int port)
    {
        var peer = await WirePeer.ConnectAsync(port);
        await peer.SendAsync(new Command.ClientHello(PeerKind.Client, ProtocolVersion.ExtendedClient));
        Assert.Equal(new Command.ServerHello(), await peer.ReceiveAsync());
        await peer.SendAsync(new Command.PeerIdentity(Text(""), Text("")));
        Assert.Equal(new Command.Success(), await peer.ReceiveAsync());
        return peer;
    }

    private static async Task<string> RequestAsync(int port, string verb)
    {
        using var client = await ExtendedAsync(port);
        await client.SendAsync(new Command.Request(Text(verb), Text("{}")));
        return Assert.IsType<Command.Answer>(await client.ReceiveAsync()).Body.ToString();
    }

    private static async Task<IReadOnlyList<Command>> AskAsync(int port, Command command)
    {
        using var client = await WirePeer.ConnectAsync(port);
        await client.SendAsync(new Command.ClientHello(PeerKind.Client, ProtocolVersion.Client));
        Assert.Equal(new Command.ServerHello(), await client.ReceiveAsync());
        await client.SendAsync(command);
        return await client.ReceiveAllAsync();
    }

    private static async Task ScheduleAsync(int port, string name) =>
        Assert.Equal(
            [new Command.Success()],
            await AskAsync(port, new Command.Schedule(Period.Daily, new ScriptJob(Text(name), Text("debian-12"), Text("true"))))
        );

    private static async Task<ServerInfo> InfoAsync(int port) =>
        Assert.IsType<Command.InfoReply>((await AskAsync(port, new Command.Info()))[0]).Server;
}

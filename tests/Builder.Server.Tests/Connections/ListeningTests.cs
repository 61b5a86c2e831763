using System.Net;
using System.Net.Sockets;
using Builder.Testing;

namespace Builder.Server.Tests.Connections;

/// <summary>Where a server listens, and what it does when there is something already.</summary>
public sealed class ListeningTests
{
    [Fact]
    public async Task A_port_for_metrics_that_is_taken_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var error = await Assert.ThrowsAsync<IOException>(() => StartAsync(options => options with { MetricsPort = port }));

        Assert.Equal($"cannot listen on 127.0.0.1:{port} for metrics: Address already in use", error.Message);
    }

    [Fact]
    public async Task Peers_that_say_nothing_do_not_keep_metrics_waiting()
    {
        await using var server = await RunningServer.StartAsync(options => options with { MetricsPort = 0 });
        var silent = new List<Socket>();
        for (var i = 0; i < 8; i++)
        {
            silent.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await silent[^1].ConnectAsync("127.0.0.1", server.MetricsPort!.Value, TestContext.Current.CancellationToken);
        }

        // One after the other, eight of them would have kept it waiting for 40 seconds.
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.MetricsPort}"), Timeout = TimeSpan.FromSeconds(20) };
        Assert.Equal("well\n", await http.GetStringAsync("/health", TestContext.Current.CancellationToken));

        silent.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Whatever_else_stands_where_the_local_socket_is_to_be_stays_there()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["file"], "precious", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(directory["directory"]);

        foreach (var path in (string[])[directory["file"], directory["directory"]])
        {
            var error = await Assert.ThrowsAsync<IOException>(() => StartAsync(options => options with { Socket = path }));
            Assert.Equal($"cannot listen on {path}: there is something else than a socket; name another place, or move it away", error.Message);
        }
        Assert.Equal("precious", await File.ReadAllTextAsync(directory["file"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_socket_of_a_killed_server_is_taken_over_and_one_of_a_living_server_is_not()
    {
        using var directory = new TemporaryDirectory();
        var path = directory["socket"];
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(path));
            killed.Listen();
            File.Move(path, directory["moved"]); // .NET removes the file with the socket; a kill does not
        }
        File.Move(directory["moved"], path);

        await using var server = await RunningServer.StartAsync(options => options with { Socket = path });
        var error = await Assert.ThrowsAsync<IOException>(() => StartAsync(options => options with { Socket = path }));

        Assert.Equal($"cannot listen on {path}: another server does", error.Message);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path), TestContext.Current.CancellationToken);
    }

    private static async Task StartAsync(Func<ServerOptions, ServerOptions> configure)
    {
        using var directory = new TemporaryDirectory();
        var options = configure(new ServerOptions { Port = 0, Directory = directory["server"], ConfigurationDirectory = directory["config"] });
        await using var server = new BuilderServer(options, TimeProvider.System, new RunningServer.KeptLog());
        await server.StartAsync(TestContext.Current.CancellationToken);
    }
}

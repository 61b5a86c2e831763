using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Builder.Server.Options;
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

        Assert.Equal(InUse(port, "--metrics"), error.Message);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("127.0.0.1", "0.0.0.0")]
    public async Task Two_servers_never_share_a_port(string first, string second)
    {
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                Address = IPAddress.Parse(first),
                IsInsecure = true,
            }
        );

        var error = await Assert.ThrowsAsync<IOException>(() =>
            StartAsync(options => options with { Address = IPAddress.Parse(second), Port = server.Port, IsInsecure = true })
        );

        Assert.Equal(InUse(server.Port, "--port", second), error.Message);
    }

    [Fact]
    public async Task A_port_whose_connections_are_in_time_wait_is_listened_on_again()
    {
        var server = await RunningServer.StartAsync(options => options with { MetricsPort = 0 });
        var (port, metricsPort) = (server.Port, server.MetricsPort!.Value);
        using (var peer = await server.ConnectAsync())
        {
            await peer.SendAsync(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 });
            // The server closes first, so its end is the one that waits.
            await peer.ReceiveAllAsync();
        }
        using (var http = new HttpClient())
            await http.GetStringAsync(new Uri($"http://127.0.0.1:{metricsPort}/health"), TestContext.Current.CancellationToken);
        await server.DisposeAsync();
        Assert.Contains(
            IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections(),
            connection => connection.LocalEndPoint.Port == port && connection.State == TcpState.TimeWait
        );

        await StartAsync(options => options with { Port = port, MetricsPort = metricsPort });
    }

    [Fact]
    public async Task An_address_of_another_machine_is_named()
    {
        var error = await Assert.ThrowsAsync<IOException>(() =>
            StartAsync(options => options with { Address = IPAddress.Parse("192.0.2.1"), IsInsecure = true })
        );

        Assert.Equal("cannot listen on 192.0.2.1:0: this machine does not have the address 192.0.2.1", error.Message);
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
        using var http = new HttpClient
        {
            BaseAddress = new Uri($"http://127.0.0.1:{server.MetricsPort}"),
            Timeout = TimeSpan.FromSeconds(20),
        };
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
            Assert.Equal(
                $"cannot listen on {path}: there is something else than a socket; name another place, or move it away",
                error.Message
            );
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

    private static string InUse(int port, string option, string address = "127.0.0.1")
    {
        var name = File.ReadAllText("/proc/self/comm").Trim();
        return $"port {port} on {address} is in use by another program (pid {Environment.ProcessId}, {name}); use {option} to choose another port";
    }

    private static async Task StartAsync(Func<ServerOptions, ServerOptions> configure)
    {
        using var directory = new TemporaryDirectory();
        var options = configure(
            new ServerOptions
            {
                Port = 0,
                Directory = directory["server"],
                ConfigurationDirectory = directory["config"],
            }
        );
        await using var server = new BuilderServer(options, TimeProvider.System, new RunningServer.KeptLog());
        await server.StartAsync(TestContext.Current.CancellationToken);
    }
}

using System.Net.Sockets;
using System.Text;
using Builder.Server.Operations;
using Builder.Server.Options;
using Builder.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Server.Tests.Operations;

/// <summary>What systemd hears, on a socket as it makes one for each service.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    [Fact]
    public async Task It_hears_ready_then_a_sign_of_life_at_half_the_time_it_allows_and_stopping()
    {
        socket.Bind(new UnixDomainSocketEndPoint(directory["notify"]));
        var clock = new FakeTimeProvider();
        var options = new ServerOptions
        {
            Port = 0,
            Directory = directory["server"],
            ConfigurationDirectory = directory["config"],
        };
        await using (
            var server = new BuilderServer(options, clock, NullLoggerFactory.Instance)
            {
                Manager = new ServiceManager(directory["notify"], TimeSpan.FromSeconds(30)),
            }
        )
        {
            await server.StartAsync(TestContext.Current.CancellationToken);
            Assert.Equal(["READY=1", "WATCHDOG=1"], new[] { await HearAsync(), await HearAsync() }.Order());
            for (var sign = 0; sign < 3; sign++)
            {
                clock.Advance(TimeSpan.FromSeconds(14.9));
                Assert.Equal(0, socket.Available);
                clock.Advance(TimeSpan.FromSeconds(0.1));
                Assert.Equal("WATCHDOG=1", await HearAsync());
            }
            await server.StopAsync();
            Assert.Equal("STOPPING=1", await HearAsync());
        }
        Assert.Equal(0, socket.Available);
    }

    [Fact]
    public async Task An_abstract_socket_begins_with_an_at_sign()
    {
        var name = $"builder-test-{Guid.NewGuid()}";
        socket.Bind(new UnixDomainSocketEndPoint("\0" + name));
        new ServiceManager("@" + name, null).Ready();
        Assert.Equal("READY=1", await HearAsync());
    }

    [Fact]
    public void Nobody_who_listens_is_no_error()
    {
        new ServiceManager(null, null).Ready();
        new ServiceManager("", null).Ready();
        new ServiceManager(directory["nobody"], null).Ready();
    }

    [Theory]
    [InlineData("30000000", null, 15.0)]
    [InlineData("30000000", "", 15.0)]
    [InlineData("30000000", "own", 15.0)]
    [InlineData("30000000", "1", null)]
    [InlineData("0", null, null)]
    [InlineData("-5", null, null)]
    [InlineData("soon", null, null)]
    [InlineData(null, null, null)]
    public void The_watchdog_is_for_the_process_that_it_names(string? microseconds, string? pid, double? seconds)
    {
        var manager = ServiceManager.FromEnvironment(name =>
            name switch
            {
                "WATCHDOG_USEC" => microseconds,
                "WATCHDOG_PID" => pid == "own" ? $"{Environment.ProcessId}" : pid,
                _ => null,
            }
        );
        Assert.Equal(seconds, manager.WatchdogInterval?.TotalSeconds);
    }

    public void Dispose()
    {
        socket.Dispose();
        directory.Dispose();
    }

    private async Task<string> HearAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        var buffer = new byte[100];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, patience.Token));
    }
}

using System.Net;
using System.Net.Sockets;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>A server that is told something that cannot be says so in a line and ends; it neither crashes nor goes on with something else.</summary>
public sealed class ServerCommandTests
{
    [Theory]
    [InlineData("--port", "99999", "--port 99999 is not between 0 and 65535")]
    [InlineData("--metrics", "-1", "--metrics -1 is not between 0 and 65535")]
    [InlineData("--time-limit", "0", "--time-limit 0 is not between 1 and 2592000")]
    [InlineData("--attempts", "0", "--attempts 0 is not between 1 and 1000")]
    public async Task A_value_out_of_range_is_an_error_of_the_command_line(string option, string value, string error)
    {
        using var directory = new TemporaryDirectory();

        var (exitCode, output) = await BuilderProcess.RunAsync(["server", "--dir", directory["server"], option, value]);

        Assert.Equal(2, exitCode);
        Assert.Contains(error, output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory["server"]));
    }

    [Fact]
    public async Task A_port_for_metrics_that_is_taken_is_a_failure_of_one_line()
    {
        using var directory = new TemporaryDirectory();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (exitCode, output) = await BuilderProcess.RunAsync([
            "server",
            "--port",
            "0",
            "--dir",
            directory["server"],
            "--metrics",
            $"{port}",
        ]);

        Assert.Equal(1, exitCode);
        Assert.Contains(
            output.Split('\n'),
            line =>
                line.StartsWith(
                    $"builder: port {port} on 127.0.0.1 is in use by another program (pid {Environment.ProcessId}, ",
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public async Task A_file_of_authorities_that_holds_none_does_not_mean_to_trust_nobody()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["ca.pem"], "no certificate\n", TestContext.Current.CancellationToken);

        var (exitCode, output) = await BuilderProcess.RunAsync(["client", "-r", "127.0.0.1:1", "--tls-ca", directory["ca.pem"], "info"]);

        Assert.Equal((1, $"builder: {directory["ca.pem"]} holds no certificate in PEM form"), (exitCode, output));
    }
}

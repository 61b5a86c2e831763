using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Builder.Protocol.Values;
using Builder.Testing;
using Builder.Worker.Tests.Conversation;

namespace Builder.EndToEnd.Tests;

/// <summary>Workers that end, or get no more jobs, without the loss of the job that they run.</summary>
public sealed partial class DrainTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task On_TERM_a_worker_finishes_its_job_and_takes_no_other()
    {
        using var server = new FakeServer();
        await using var worker = Worker(server, "--loop", "--drain-timeout", "10m");
        using var peer = await server.AcceptAsync();
        await peer.GiveAsync(Waiting);
        Assert.NotNull(await peer.ReadAsync());

        var ended = worker.TerminateAsync();
        await worker.LineAsync(static line => line.Contains("asked to end", StringComparison.Ordinal));
        await File.WriteAllTextAsync(directory["go"], "", TestContext.Current.CancellationToken);
        var (_, finished) = await peer.TakeAsync();
        peer.Dispose();

        Assert.Equal(new ExecutionResult.Exited(0), finished.Result);
        Assert.Equal(0, await ended);
        Assert.False(server.IsAsked);
    }

    [Theory]
    [InlineData("10m", true)]
    [InlineData("1s", false)]
    public async Task A_second_TERM_or_the_time_limit_ends_the_job(string limit, bool isTwice)
    {
        using var server = new FakeServer();
        await using var worker = Worker(server, "--loop", "--drain-timeout", limit);
        using var peer = await server.AcceptAsync();
        await peer.GiveAsync(Waiting);
        Assert.NotNull(await peer.ReadAsync());

        var ended = worker.TerminateAsync();
        await worker.LineAsync(static line => line.Contains("asked to end", StringComparison.Ordinal));
        if (isTwice)
            await worker.TerminateAsync();

        Assert.Equal(0, await ended);
        Assert.Null(await peer.ReadAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory["work"]));
    }

    [Theory]
    [InlineData("--drain-timeout", "1h")]
    [InlineData("--idle-timeout", "1s")]
    public async Task A_worker_that_waits_ends_at_once_or_when_no_job_came_for_long(string option, string value)
    {
        using var server = new FakeServer();
        await using var worker = Worker(server, option, value);
        using var peer = await server.AcceptAsync();
        Assert.NotNull(await peer.ReadAsync());
        if (option == "--drain-timeout")
            Assert.Equal(0, await worker.TerminateAsync());

        Assert.Equal(0, await worker.ExitAsync());
    }

    [Fact]
    public async Task Drain_waits_until_the_worker_has_no_job()
    {
        await File.WriteAllTextAsync(directory["script.sh"], Waiting, TestContext.Current.CancellationToken);
        await using var server = BuilderProcess.Start("server", "--port", "0", "--dir", directory["server"]);
        var port = Port().Match(await server.LineAsync(static line => Port().IsMatch(line))).Groups[1].Value;
        await using var worker = BuilderProcess.Start(
            "worker",
            "debian-12",
            "-r",
            $"127.0.0.1:{port}",
            "--loop",
            "--extended",
            "--name",
            "w1",
            "--workdir",
            directory["work"]
        );
        Assert.Equal(
            0,
            (
                await BuilderProcess.RunAsync([
                    "client",
                    "-r",
                    $"127.0.0.1:{port}",
                    "schedule",
                    "long",
                    "debian-12",
                    directory["script.sh"],
                ])
            ).ExitCode
        );
        await worker.LineAsync(static line => line.Contains("of long started", StringComparison.Ordinal));

        await using var drain = BuilderProcess.Start("client", "-r", $"127.0.0.1:{port}", "drain", "w1", "--wait");
        await drain.LineAsync(static line => line == "w1 builds long");
        await File.WriteAllTextAsync(directory["go"], "", TestContext.Current.CancellationToken);

        Assert.Equal(0, await drain.ExitAsync());
        Assert.Equal((0, ""), await BuilderProcess.RunAsync(["client", "-r", $"127.0.0.1:{port}", "drain", "w1", "--wait"]));
        Assert.Contains(
            "w1",
            (await BuilderProcess.RunAsync(["client", "-r", $"127.0.0.1:{port}", "info"])).Output,
            StringComparison.Ordinal
        );
        Assert.Equal(0, (await BuilderProcess.RunAsync(["client", "-r", $"127.0.0.1:{port}", "undrain", "w1"])).ExitCode);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n", 0, "")]
    [InlineData(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 13\r\nConnection: close\r\n\r\ndisk is full\n",
        1,
        "answers 503 Service Unavailable: disk is full"
    )]
    [InlineData("nonsense\r\n\r\n", 1, "does not answer: ")]
    [InlineData("", 1, "does not answer within 5 seconds")]
    public async Task Health_says_whether_and_why_not(string answer, int exitCode, string said)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = BuilderProcess.RunAsync(["health", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/health"]);
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);

        var (exit, output) = await asked;

        Assert.Equal(exitCode, exit);
        Assert.Contains(said, output, StringComparison.Ordinal);
    }

    private string Waiting => $"echo started; until [ -e {directory["go"]} ]; do sleep 0.05; done";

    private BuilderProcess Worker(FakeServer server, params string[] options) =>
        BuilderProcess.Start(["worker", "debian-12", "-r", $"{server.Address}", "--workdir", directory["work"], .. options]);

    [GeneratedRegex(@"127\.0\.0\.1:([0-9]+)")]
    private static partial Regex Port();
}

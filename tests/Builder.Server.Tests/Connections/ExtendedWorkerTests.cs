using System.Text.Json;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Server.Tests.Connections;

/// <summary>What a worker that speaks the extended protocol is told, and tells.</summary>
public sealed class ExtendedWorkerTests
{
    [Fact]
    public async Task An_extended_worker_is_thanked_when_its_build_is_safe()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeExtendedAsync();
        using var connection = worker;
        await worker.SendAsync(new Command.Heartbeat());
        await worker.SendAsync(new Command.Usage(job.Uuid, 1_500_000_000, 4 << 20, 0));
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));

        Assert.Equal(new Command.Success(), await worker.ReceiveAsync());

        var line = Assert.Single(Assert.Single(server.Builds()).Console).Text.ToString();
        Assert.Equal("builder: 1.50 s of processor time, 4.0 MiB of memory at most, 0.0 MiB written", line);
    }

    [Fact]
    public async Task A_silent_extended_worker_loses_its_lease()
    {
        await using var server = await RunningServer.StartAsync(options => options with { LeaseTimeout = TimeSpan.FromMilliseconds(400) });
        await server.ScheduleAsync("hello");
        var (worker, _) = await server.TakeExtendedAsync();
        using var connection = worker;

        var refusal = Assert.IsType<Command.Failure>(await worker.ReceiveAsync());

        Assert.Contains("silent", refusal.Reason.ToString(), StringComparison.Ordinal);
        Assert.Single((await server.InfoAsync()).Queues[0].Jobs);
    }

    [Fact]
    public async Task An_extended_worker_is_told_the_time_limit_and_has_time_to_send_what_a_job_over_it_left()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = await RunningServer.StartAsync(options => options with { TimeLimit = TimeSpan.FromSeconds(10) }, clock);
        await server.ScheduleAsync("slow");
        var (worker, job) = await server.TakeExtendedAsync(limitInSeconds: 10);
        using var connection = worker;
        clock.Advance(TimeSpan.FromSeconds(11));
        await worker.SendAsync(
            new Command.JobFinished(
                job.Uuid,
                new ExecutionResult.Message(Text("timeout")),
                [new Artifact(ArtifactPath.Parse("half"), "x"u8.ToArray())]
            )
        );

        Assert.Equal(new Command.Success(), await worker.ReceiveAsync());

        var build = Assert.Single(server.Builds());
        Assert.Equal(new ExecutionResult.Message(Text("timeout")), build.Result);
        Assert.Equal("half", Assert.Single(build.Output).Path.ToString());
    }

    [Fact]
    public async Task An_extended_worker_that_does_not_end_its_job_loses_it()
    {
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                TimeLimit = TimeSpan.FromMilliseconds(200),
                EndingTimeout = TimeSpan.FromMilliseconds(200),
            }
        );
        await server.ScheduleAsync("slow");
        var (worker, _) = await server.TakeExtendedAsync(limitInSeconds: 1);
        using var connection = worker;

        Assert.Equal("the lease is lost: timeout", Assert.IsType<Command.Failure>(await worker.ReceiveAsync()).Reason.ToString());
        Assert.Equal(new ExecutionResult.Message(Text("timeout")), Assert.Single(await server.BuildsAsync(1)).Result);
    }

    [Fact]
    public async Task A_cancelled_build_is_recorded_with_what_the_worker_sends()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeExtendedAsync();
        using var connection = worker;
        using var client = await server.ExtendedAsync(PeerKind.Client, "", "");
        await client.SendAsync(new Command.Cancel(job.Uuid));
        Assert.Equal(new Command.Success(), await client.ReceiveAsync());

        Assert.Equal(new Command.Cancel(job.Uuid), await worker.ReceiveAsync());
        await worker.SendAsync(
            new Command.JobFinished(
                job.Uuid,
                new ExecutionResult.Message(Text("cancelled")),
                [new Artifact(ArtifactPath.Parse("half"), "x"u8.ToArray())]
            )
        );

        Assert.Equal(new Command.Success(), await worker.ReceiveAsync());
        Assert.Equal("half", Assert.Single(Assert.Single(server.Builds()).Output).Path.ToString());
    }

    [Fact]
    public async Task The_isolation_that_a_worker_tells_is_shown_while_it_waits_and_while_it_builds()
    {
        await using var server = await RunningServer.StartAsync();
        using var worker = await server.ExtendedAsync(PeerKind.Worker, "w1", "");
        var root = JobRoot.OfTree(new string('a', 64));
        await worker.SendAsync(new WorkerFacts(new IsolationTier(IsolationKind.Sandbox, "all apart") { Root = root }).ToCommand());
        await worker.SendAsync(new Command.JobRequested(Text("debian-12")));
        using var older = await server.ConnectAsync(PeerKind.Worker, ProtocolVersion.ExtendedWorkerWithoutFacts);
        await older.SendAsync(new Command.PeerIdentity(Text("w0"), ByteString.Empty));
        Assert.Equal(new Command.Success(), await older.ReceiveAsync());
        await older.SendAsync(new Command.JobRequested(Text("freebsd-14")));

        var waiting = await server.EventuallyAsync(WorkersAsync, workers => workers.Length == 2);
        Assert.Equal(["w0 null null", "w1 sandbox null"], waiting);
        await server.ScheduleAsync("job");
        Assert.Equal(
            ["w0 null null", "w1 sandbox job"],
            await server.EventuallyAsync(WorkersAsync, workers => workers[1].EndsWith("job", StringComparison.Ordinal))
        );
        Assert.Contains($"\"root\":\"{root}\"", await server.RequestAsync("workers"), StringComparison.Ordinal);
        Assert.Contains(
            "\"isolation\":\"sandbox\"",
            (await server.RequestAsync("status")).Split("\"workers\"")[0],
            StringComparison.Ordinal
        );

        async Task<string[]> WorkersAsync()
        {
            using var document = JsonDocument.Parse(await server.RequestAsync("workers"));
            return
            [
                .. document
                    .RootElement.GetProperty("workers")
                    .EnumerateArray()
                    .Select(worker =>
                        $"{worker.GetProperty("name").GetString()!.Split(' ')[0]} {worker.GetProperty("isolation").GetString() ?? "null"} {worker.GetProperty("job").GetString() ?? "null"}"
                    ),
            ];
        }
    }

    [Fact]
    public async Task Of_each_worker_its_version_is_told_and_when_it_was_last_heard_of_also_when_it_is_gone()
    {
        await using var server = await RunningServer.StartAsync();
        var worker = await server.ExtendedAsync(PeerKind.Worker, "w1", "");
        var tier = new IsolationTier(IsolationKind.Sandbox, "");
        await worker.SendAsync(new WorkerFacts(tier) { Version = "1.2.3" }.ToCommand());
        await worker.SendAsync(new Command.JobRequested(Text("debian-12")));

        var connected = await server.EventuallyAsync(() => PartAsync("workers"), static text => text.Length > 2);
        Assert.Contains("\"version\":\"1.2.3\"", connected, StringComparison.Ordinal);
        Assert.Contains("\"last_seen\":\"", connected, StringComparison.Ordinal);
        Assert.Equal("[]", await PartAsync("gone"));

        worker.Dispose();
        var gone = await server.EventuallyAsync(() => PartAsync("gone"), static text => text.Length > 2);
        Assert.Contains("\"name\":\"w1\",\"platform\":\"debian-12\",\"version\":\"1.2.3\"", gone, StringComparison.Ordinal);
        using var again = await server.ExtendedAsync(PeerKind.Worker, "w1", "");
        await again.SendAsync(new Command.JobRequested(Text("debian-12")));
        await server.EventuallyAsync(() => PartAsync("gone"), static text => text == "[]");

        async Task<string> PartAsync(string name)
        {
            using var document = JsonDocument.Parse(await server.RequestAsync("workers"));
            return document.RootElement.GetProperty(name).GetRawText();
        }
    }

    private static ByteString Text(string text) => ByteString.FromUtf8(text);
}

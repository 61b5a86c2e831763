using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Tests.State;

namespace Builder.Server.Tests.Connections;

/// <summary>A result that is more than a job may leave, or than fits, is that job's failure, and no other job waits for it.</summary>
public sealed class ResultLimitTests
{
    [Fact]
    public async Task Artifacts_over_the_limit_are_the_failure_of_the_job_also_with_a_worker_of_the_original()
    {
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                JobLimits = new JobLimits { MaxArtifactBytes = 1_000_000 },
            }
        );
        await server.ScheduleAsync("big");
        await SendResultAsync(server, [new Artifact(ArtifactPath.Parse("bin/big"), new byte[2_000_000])]);

        var build = Assert.Single(await server.BuildsAsync(1));
        Assert.Equal("artifacts of 2 MB are over the limit of 1 MB", Message(build));
        Assert.Empty(build.Output);
        await AssertNobodyWaitsAsync(server);
    }

    [Fact]
    public async Task So_are_too_many_of_them()
    {
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                JobLimits = new JobLimits { MaxArtifacts = 10 },
            }
        );
        await server.ScheduleAsync("many");
        await SendResultAsync(server, [.. Enumerable.Range(0, 11).Select(i => new Artifact(ArtifactPath.Parse($"f{i}"), new byte[1]))]);

        Assert.Equal("more than 10 artifacts, the limit of this job", Message(Assert.Single(await server.BuildsAsync(1))));
        await AssertNobodyWaitsAsync(server);
    }

    [Fact]
    public async Task So_is_a_result_that_does_not_fit_on_a_disk_with_room_for_others()
    {
        using var disk = new SmallDisk(megabytes: 12);
        await using var server = await RunningServer.StartAsync(options => options with { Directory = Path.Combine(disk.Path, "server") });
        await File.WriteAllBytesAsync(Path.Combine(disk.Path, "others"), new byte[6_000_000], TestContext.Current.CancellationToken);
        await server.ScheduleAsync("big");
        await SendResultAsync(server, [new Artifact(ArtifactPath.Parse("bin/big"), new byte[9_000_000])]);

        var builds = await server.EventuallyAsync(() => Task.FromResult(BuildsIn(disk)), found => found.Count > 0);
        Assert.StartsWith(
            "a build of 9 MB does not fit on the server's disk, which has ",
            Message(Assert.Single(builds)),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains("nothing is handed out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_of_ours_is_told_the_limits_of_a_job_which_survive_a_restart()
    {
        await using var server = await RunningServer.StartAsync();
        const string Schedule = """
            {"jobs":[{"name":"j","platform":"debian-12","script":"dHJ1ZQ==","limits":{"processes":5,"memory_bytes":2000000,"artifact_bytes":99999999999,"console_bytes":1000}}]}
            """;
        using (var client = await server.ConnectAsync(PeerKind.Client, ProtocolVersion.ExtendedClient))
        {
            await client.SendAsync(new Command.PeerIdentity(ByteString.Empty, ByteString.Empty));
            Assert.Equal(new Command.Success(), await client.ReceiveAsync());
            await client.SendAsync(new Command.Request(ByteString.FromUtf8("apply"), ByteString.FromUtf8(Schedule)));
            Assert.IsType<Command.Answer>(await client.ReceiveAsync());
        }
        await server.StopAsync();
        await server.StartAgainAsync();
        using var worker = await server.ConnectAsync(PeerKind.Worker, ProtocolVersion.ExtendedWorker);
        await worker.SendAsync(new Command.PeerIdentity(ByteString.FromUtf8("w"), ByteString.Empty));
        Assert.Equal(new Command.Success(), await worker.ReceiveAsync());
        await worker.SendAsync(new Command.JobRequested(ByteString.FromUtf8("debian-12")));

        var limits = JobLimitsMessage.From(Assert.IsType<Command.Request>(await worker.ReceiveAsync()));

        Assert.Equal(
            new JobLimits
            {
                MaxProcesses = 5,
                MaxMemoryBytes = 2_000_000,
                MaxConsoleBytes = 1000,
                MaxArtifacts = 100_000,
                MaxArtifactBytes = 4L << 30,
            },
            limits
        );
    }

    private static IReadOnlyList<Exec> BuildsIn(SmallDisk disk) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(disk.Path, "server"), "full", SearchOption.AllDirectories)
                .Where(path => !path.Contains("/_", StringComparison.Ordinal))
                .Select(path => ExecCodec.Decode(File.ReadAllBytes(path))),
        ];

    /// <summary>The server may close before it has read all.</summary>
    private static async Task SendResultAsync(RunningServer server, IReadOnlyList<Artifact> artifacts)
    {
        var (worker, job) = await server.TakeAsync();
        using (worker)
        {
            try
            {
                await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), artifacts));
                await worker.ReceiveAllAsync();
            }
            catch (IOException)
            {
                // It has heard enough.
            }
        }
    }

    private static async Task AssertNobodyWaitsAsync(RunningServer server)
    {
        Assert.Empty((await server.InfoAsync()).Queues.SelectMany(queue => queue.Jobs));
        await server.ScheduleAsync("next");
        await SendResultAsync(server, []);
        Assert.Equal(2, (await server.BuildsAsync(2)).Count);
    }

    private static string Message(Exec build) => Assert.IsType<ExecutionResult.Message>(build.Result).Text.ToString();
}

using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Tests.Connections;

/// <summary>Platforms that only a worker speaks of are known while it waits, and so many at a time.</summary>
public sealed class WaitingPlatformTests
{
    [Fact]
    public async Task A_platform_that_no_job_is_for_goes_with_its_last_worker_and_one_with_jobs_stays()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("real");
        using var first = await WaitAsync(server, "invented");
        var second = await WaitAsync(server, "invented");
        await server.EventuallyAsync(() => PlatformsAsync(server), platforms => platforms.SequenceEqual(["debian-12", "invented"]));
        second.Dispose();
        await server.StopAsync();
        await server.StartAgainAsync();
        Assert.Equal(["debian-12"], await server.EventuallyAsync(() => PlatformsAsync(server), platforms => platforms.Length == 1));

        using (await WaitAsync(server, "invented"))
            await server.EventuallyAsync(() => PlatformsAsync(server), platforms => platforms.Length == 2);
        await server.EventuallyAsync(() => PlatformsAsync(server), platforms => platforms.SequenceEqual(["debian-12"]));
    }

    [Fact]
    public async Task Workers_of_too_many_platforms_that_no_job_is_for_are_refused()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("real");
        var workers = new List<WirePeer>();
        try
        {
            for (var i = 0; i < 64; i++)
                workers.Add(await WaitAsync(server, $"invented-{i}"));
            await server.EventuallyAsync(() => PlatformsAsync(server), platforms => platforms.Length == 65);
            using var tooMany = await WaitAsync(server, "invented-65");
            Assert.StartsWith(
                "no job is for platform invented-65, and workers of 64 other such platforms wait already",
                Assert.IsType<Command.Failure>(await tooMany.ReceiveAsync()).Reason.ToString(),
                StringComparison.Ordinal
            );
            var (worker, _) = await server.TakeAsync();
            worker.Dispose();
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }
    }

    [Fact]
    public async Task A_job_of_a_worker_of_the_original_that_prints_nothing_for_too_long_is_queued_again()
    {
        await using var server = await RunningServer.StartAsync(options => options with { MaxConsoleSilence = TimeSpan.FromSeconds(1) });
        await server.ScheduleAsync("quiet");
        var (ghost, job) = await server.TakeAsync();
        using (ghost)
        {
            await ghost.SendAsync(new Command.Output(job.Uuid, ByteString.FromUtf8("begun")));
            var (second, again) = await server.TakeAsync();
            using (second)
                Assert.NotEqual(job.Uuid, again.Uuid);
            // The job is queued again first, the end of the connection is logged then.
            await server.EventuallyAsync(
                () => Task.FromResult(server.Log.Lines.ToArray()),
                lines => lines.Any(line => line.Contains("the job printed nothing for 1 seconds", StringComparison.Ordinal))
            );
        }
    }

    private static async Task<WirePeer> WaitAsync(RunningServer server, string platform)
    {
        var worker = await server.ConnectAsync(PeerKind.Worker);
        await worker.SendAsync(new Command.JobRequested(ByteString.FromUtf8(platform)));
        return worker;
    }

    private static async Task<string[]> PlatformsAsync(RunningServer server) =>
        [.. (await server.InfoAsync()).Queues.Select(queue => queue.Platform.ToString()).Order(StringComparer.Ordinal)];
}

using System.Net;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Tests.Connections;

namespace Builder.Server.Tests.Operations;

public sealed class MetricsTests
{
    [Fact]
    public async Task Metrics_tell_what_waits_runs_and_was_built_and_health_that_all_is_well()
    {
        await using var server = await RunningServer.StartAsync(options => options with { MetricsPort = 0 });
        await server.ScheduleAsync("done");
        await server.ScheduleAsync("lost");
        await server.ScheduleAsync("running");
        await server.ScheduleAsync("waiting");
        var (first, job) = await server.TakeAsync();
        await first.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(1), []));
        Assert.Null(await first.ReceiveAsync());
        first.Dispose();
        var (second, _) = await server.TakeAsync();
        second.Dispose();
        await server.EventuallyAsync(server.InfoAsync, info => info.Running.Count == 0);
        var (third, _) = await server.TakeAsync();
        var (fourth, _) = await server.TakeAsync();

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.MetricsPort}") };
        var lines = (await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n');

        Assert.Contains("builder_queue_length{platform=\"debian-12\"} 1", lines);
        Assert.Contains("builder_running{platform=\"debian-12\"} 2", lines);
        Assert.Contains("builder_results_total{platform=\"debian-12\",result=\"failure\"} 1", lines);
        Assert.Contains("builder_lease_losses_total 1", lines);
        Assert.Contains("builder_dispatch_seconds_count 4", lines);
        Assert.Contains("builder_scheduled_jobs 4", lines);
        Assert.Equal("well\n", await http.GetStringAsync("/health", TestContext.Current.CancellationToken));
        using var other = await http.GetAsync("/etc/passwd", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        third.Dispose();
        fourth.Dispose();
    }
}

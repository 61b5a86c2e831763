using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Tests.Connections;

/// <summary>Builds from hand-out to disk, and all the ways in which they can go wrong.</summary>
public sealed class BuildTests
{
    [Fact]
    public async Task Result_of_a_killed_worker_is_requeued_at_the_front()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("first");
        await server.ScheduleAsync("second");
        var (worker, job) = await server.TakeAsync();
        await worker.SendAsync(new Command.Output(job.Uuid, Text("half a build")));
        worker.Dispose();

        var info = await server.EventuallyAsync(server.InfoAsync, info => info.Running.Count == 0);

        Assert.Equal(["first", "second"], info.Queues[0].Jobs.Select(waiting => waiting.Name.ToString()));
        Assert.Empty(server.Builds());
    }

    [Fact]
    public async Task A_job_that_keeps_killing_its_workers_is_recorded_with_its_console()
    {
        await using var server = await RunningServer.StartAsync(options => options with { MaxAttempts = 2 });
        await server.ScheduleAsync("killer");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var (worker, job) = await server.TakeAsync();
            await worker.SendAsync(new Command.Output(job.Uuid, Text("about to die")));
            worker.Dispose();
            await server.EventuallyAsync(server.InfoAsync, info => info.Running.Count == 0);
        }

        var build = Assert.Single(await server.BuildsAsync(1));
        Assert.Contains("worker was lost", Assert.IsType<ExecutionResult.Message>(build.Result).Text.ToString(), StringComparison.Ordinal);
        Assert.Equal("about to die", Assert.Single(build.Console).Text.ToString());
        Assert.Empty((await server.InfoAsync()).Queues[0].Jobs);
    }

    [Fact]
    public async Task A_job_that_takes_too_long_is_recorded_as_timeout()
    {
        await using var server = await RunningServer.StartAsync(options => options with { TimeLimit = TimeSpan.FromMilliseconds(300) });
        await server.ScheduleAsync("slow");
        var (worker, job) = await server.TakeAsync();
        using (worker)
        {
            await worker.SendAsync(new Command.Output(job.Uuid, Text("still here")));
            Assert.Null(await worker.ReceiveAsync());
        }

        var build = Assert.Single(await server.BuildsAsync(1));
        Assert.Equal(new ExecutionResult.Message(Text("timeout")), build.Result);
        Assert.Equal("still here", Assert.Single(build.Console).Text.ToString());
    }

    [Fact]
    public async Task Running_jobs_are_queued_again_when_the_server_is_restarted_and_all_else_is_as_it_was()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("running", Period.Weekly);
        await server.ScheduleAsync("waiting");
        await server.ScheduleAsync("bsd", platform: "freebsd-14.1");
        await server.DoAsync(new Command.DropPlatform(Text("freebsd-14.1")));
        var before = await server.InfoAsync();
        var (worker, _) = await server.TakeAsync();

        await server.StopAsync();
        await server.StartAgainAsync();

        var after = await server.InfoAsync();
        Assert.Equal(before.Schedule, after.Schedule);
        Assert.Equal(["running", "waiting"], after.Queues.Single().Jobs.Select(job => job.Name.ToString()));
        Assert.Empty(after.Running);
        Assert.Equal("freebsd-14.1", Assert.Single(after.DroppedPlatforms).ToString());
        await server.DoAsync(new Command.UndropPlatform(Text("freebsd-14.1")));
        Assert.Equal(3, (await server.InfoAsync()).Schedule.Count);
        worker.Dispose();
    }

    [Fact]
    public async Task Observers_see_every_line_in_order_and_always_the_end()
    {
        const int Lines = 20_000;
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("chatty");
        var (worker, job) = await server.TakeAsync();
        await worker.SendAsync(new Command.Output(job.Uuid, Text("line 0")));
        var observing = Enumerable.Range(0, 5).Select(_ => server.AskAsync(new Command.Observe(job.Uuid))).ToArray();
        var burst = new MemoryStream();
        for (var i = 1; i < Lines; i++)
            burst.Write(Protocol.Framing.FrameWriter.Encode(new Command.Output(job.Uuid, Text($"line {i}"))).Span);
        await worker.SendAsync(burst.ToArray());
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(3), []));
        Assert.Null(await worker.ReceiveAsync());
        worker.Dispose();

        foreach (var seen in await Task.WhenAll(observing))
        {
            if (seen is [Command.Failure])
                continue; // It came when the build had ended already.
            Assert.Equal(Lines + 2, seen.Count);
            Assert.Equal(
                Enumerable.Range(0, Lines).Select(i => $"line {i}").Append("exited 3"),
                seen.Take(Lines + 1).Select(answer => Assert.IsType<Command.OutputTimestamped>(answer).Line.ToString())
            );
            Assert.IsType<Command.Success>(seen[^1]);
        }
        var build = Assert.Single(server.Builds());
        Assert.Equal(Lines, build.Console.Count);
        Assert.Equal("line 0", build.Console[^1].Text.ToString());
        Assert.Equal(
            build.Console.Select(line => line.DeltaNanoseconds).OrderDescending(),
            build.Console.Select(line => line.DeltaNanoseconds)
        );
    }

    [Fact]
    public async Task An_observer_of_a_lost_build_is_told_so()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("lost");
        var (worker, job) = await server.TakeAsync();
        using var observer = await server.ConnectAsync(PeerKind.Client);
        await observer.SendAsync(new Command.Observe(job.Uuid));
        await worker.SendAsync(new Command.Output(job.Uuid, Text("hello")));
        Assert.IsType<Command.OutputTimestamped>(await observer.ReceiveAsync());

        worker.Dispose();

        var rest = await observer.ReceiveAllAsync();
        Assert.Contains("queued again", Assert.IsType<Command.OutputTimestamped>(rest[0]).Line.ToString(), StringComparison.Ordinal);
        Assert.IsType<Command.Success>(rest[1]);
    }

    [Fact]
    public async Task Waiting_workers_of_a_dropped_platform_are_told_to_stop_and_later_ones_wait_for_the_undrop()
    {
        await using var server = await RunningServer.StartAsync();
        using var waiting = await server.ConnectAsync(PeerKind.Worker);
        await waiting.SendAsync(new Command.JobRequested(Text("debian-12")));
        await server.EventuallyAsync(server.InfoAsync, info => info.Queues.Count == 1);

        await server.DoAsync(new Command.DropPlatform(Text("debian-12")));
        Assert.IsType<Command.Failure>(await waiting.ReceiveAsync());
        using var later = await server.ConnectAsync(PeerKind.Worker);
        await later.SendAsync(new Command.JobRequested(Text("debian-12")));
        await server.DoAsync(new Command.UndropPlatform(Text("debian-12")));
        await server.ScheduleAsync("again");

        Assert.IsType<Command.JobSchedule>(await later.ReceiveAsync());
    }

    [Fact]
    public async Task An_orb_build_job_is_built_through_its_template()
    {
        await using var server = await RunningServer.StartAsync();
        await File.WriteAllTextAsync(
            Path.Combine(server.ConfigurationDirectory, "orb-build.template.debian-12"),
            "orb build %%OPAM_PACKAGE%% --on %%PLATFORM%% # %%OPAM_PACKAGE%%\n",
            TestContext.Current.CancellationToken
        );
        await server.DoAsync(new Command.ScheduleOrbBuild(Period.Daily, new OrbBuildJob(Text("dns"), Text("dns-primary.1.0"))));

        var (worker, job) = await server.TakeAsync();

        Assert.Equal("orb build dns-primary.1.0 --on debian-12 # dns-primary.1.0\n", job.Job.Script.ToString());
        worker.Dispose();
    }

    [Fact]
    public async Task A_cancelled_build_of_an_original_worker_is_recorded_and_its_connection_closed()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        using var client = await server.ExtendedAsync(PeerKind.Client, "", "");
        await client.SendAsync(new Command.Cancel(job.Uuid));

        Assert.Null(await worker.ReceiveAsync());
        Assert.Equal(new ExecutionResult.Message(Text("cancelled")), Assert.Single(await server.BuildsAsync(1)).Result);
        worker.Dispose();
    }

    private static ByteString Text(string text) => ByteString.FromUtf8(text);
}

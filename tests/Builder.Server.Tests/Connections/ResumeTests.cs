using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Tests.Connections;

/// <summary>A worker that knows how comes back to its job after the server was started again, and the build is recorded once.</summary>
public sealed class ResumeTests
{
    private static readonly IsolationTier Tier = new(IsolationKind.None, "a test");

    [Fact]
    public async Task A_job_goes_on_over_a_restart_of_the_server_with_its_whole_console()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job, lease) = await TakeAsync(server);
        await worker.SendAsync(new Command.Output(job.Uuid, Text("one")));
        await worker.SendAsync(new Command.Output(job.Uuid, Text("two")));
        using (var observer = await server.ConnectAsync(PeerKind.Client))
        {
            await observer.SendAsync(new Command.Observe(job.Uuid));
            await NextAsync<Command.OutputTimestamped>(observer);
            await NextAsync<Command.OutputTimestamped>(observer);
        }
        await server.StopAsync();
        worker.Dispose();
        await server.StartAgainAsync();
        Assert.Equal(job.Uuid, (await server.InfoAsync()).Running.Single().Uuid);

        using var again = await ResumeAsync(server, job.Uuid, lease.Token);
        Assert.Equal(2, ResumeMessage.LinesOf(await NextAsync<Command.Answer>(again)));
        await again.SendAsync(new Command.OutputTimestamped(job.Uuid, Text("three"), 17));
        await again.SendAsync(new Command.Output(job.Uuid, Text("four")));
        await again.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));
        await NextAsync<Command.Success>(again);

        var build = Assert.Single(await server.BuildsAsync(1));
        Assert.Equal(job.Uuid, build.Uuid);
        Assert.Equal(["one", "two", "three", "four"], build.Console.Reverse().Select(line => line.Text.ToString()));
        Assert.Equal(17, build.Console[1].DeltaNanoseconds);
        var info = await server.InfoAsync();
        Assert.Empty(info.Running);
        Assert.Empty(info.Queues.SelectMany(queue => queue.Jobs));
        // The lease has its one result: who comes with it again is told so.
        using var late = await ResumeAsync(server, job.Uuid, lease.Token);
        Assert.StartsWith("there is no lease", (await NextAsync<Command.Failure>(late)).Reason.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_line_that_a_killed_server_left_is_sent_again()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job, lease) = await TakeAsync(server);
        await worker.SendAsync(new Command.Output(job.Uuid, Text("one")));
        using (var observer = await server.ConnectAsync(PeerKind.Client))
        {
            await observer.SendAsync(new Command.Observe(job.Uuid));
            await NextAsync<Command.OutputTimestamped>(observer);
        }
        await server.StopAsync();
        worker.Dispose();
        await File.AppendAllTextAsync(
            Path.Combine(server.Directory, "_running", job.Uuid.ToString(), "console"),
            "half a line",
            Cancellation
        );
        await server.StartAgainAsync();
        using var again = await ResumeAsync(server, job.Uuid, lease.Token);
        Assert.Equal(1, ResumeMessage.LinesOf(await NextAsync<Command.Answer>(again)));
        await again.SendAsync(new Command.OutputTimestamped(job.Uuid, Text("two"), 1));
        await again.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));
        await NextAsync<Command.Success>(again);
        Assert.Equal(["one", "two"], (await server.BuildsAsync(1))[0].Console.Reverse().Select(line => line.Text.ToString()));
    }

    [Fact]
    public async Task Nobody_comes_back_to_a_job_with_another_secret()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job, lease) = await TakeAsync(server);
        foreach (
            var (uuid, token) in new[]
            {
                (job.Uuid, Text("0123456789abcdef")),
                (job.Uuid, ByteString.Empty),
                (BuildUuid.NewRandom(), lease.Token),
            }
        )
        {
            using var other = await ResumeAsync(server, uuid, token);
            Assert.StartsWith("there is no lease", (await NextAsync<Command.Failure>(other)).Reason.ToString(), StringComparison.Ordinal);
        }
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));
        await NextAsync<Command.Success>(worker);
        worker.Dispose();
        Assert.Single(await server.BuildsAsync(1));
    }

    [Fact]
    public async Task A_worker_that_gave_up_its_connection_goes_on_in_another_one()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job, lease) = await TakeAsync(server);
        using var again = await ResumeAsync(server, job.Uuid, lease.Token);
        await NextAsync<Command.Answer>(again);
        // The first connection is over, and what still comes by it does not count.
        while (await worker.ReceiveAsync() is not null) { }
        worker.Dispose();
        await again.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(7), []));
        await NextAsync<Command.Success>(again);
        Assert.Equal(new ExecutionResult.Exited(7), Assert.Single(await server.BuildsAsync(1)).Result);
        Assert.Empty((await server.InfoAsync()).Queues.SelectMany(queue => queue.Jobs));
    }

    [Fact]
    public async Task A_job_whose_worker_does_not_come_back_is_queued_again()
    {
        await using var server = await RunningServer.StartAsync(options => options with { ResumeTimeout = TimeSpan.FromMilliseconds(300) });
        await server.ScheduleAsync("hello");
        var (worker, job, lease) = await TakeAsync(server);
        await server.StopAsync();
        worker.Dispose();
        await server.StartAgainAsync();
        await server.EventuallyAsync(server.InfoAsync, info => info.Queues.Any(queue => queue.Jobs.Count == 1));
        using var late = await ResumeAsync(server, job.Uuid, lease.Token);
        await NextAsync<Command.Failure>(late);
        var (next, another, _) = await TakeAsync(server);
        Assert.NotEqual(job.Uuid, another.Uuid);
        next.Dispose();
    }

    [Fact]
    public async Task What_is_cancelled_while_its_worker_is_away_ends_when_it_comes_back()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job, lease) = await TakeAsync(server);
        await server.StopAsync();
        worker.Dispose();
        await server.StartAgainAsync();
        using (var client = await server.ExtendedAsync(PeerKind.Client, "", ""))
        {
            await client.SendAsync(new Command.Cancel(job.Uuid));
            Assert.Equal(new Command.Success(), await client.ReceiveAsync());
        }
        using var again = await ResumeAsync(server, job.Uuid, lease.Token);
        await NextAsync<Command.Answer>(again);
        await NextAsync<Command.Cancel>(again);
        await again.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Message(Text("cancelled")), []));
        await NextAsync<Command.Success>(again);
        Assert.Single(await server.BuildsAsync(1));
    }

    [Fact]
    public async Task A_waiting_worker_gets_signs_of_life_and_other_workers_none()
    {
        await using var server = await RunningServer.StartAsync(options => options with { SignInterval = TimeSpan.FromMilliseconds(20) });
        using var waiting = await OpenAsync(server);
        await waiting.SendAsync(new Command.JobRequested(Text("debian-12")));
        for (var i = 0; i < 3; i++)
            Assert.Equal(new Command.Heartbeat(), await waiting.ReceiveAsync());
        using var other = await server.ExtendedAsync(PeerKind.Worker, "w2", "");
        await other.SendAsync(new WorkerFacts(Tier).ToCommand());
        await other.SendAsync(new Command.JobRequested(Text("freebsd-14")));
        for (var i = 0; i < 3; i++)
            Assert.Equal(new Command.Heartbeat(), await waiting.ReceiveAsync());
        await server.ScheduleAsync("hello", platform: "freebsd-14");
        Assert.Equal(JobLimitsMessage.Verb, Assert.IsType<Command.Request>(await other.ReceiveAsync()).Verb.ToString());
        Assert.IsType<Command.TimeLimit>(await other.ReceiveAsync());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ByteString Text(string text) => ByteString.FromUtf8(text);

    private static async Task<WirePeer> OpenAsync(RunningServer server)
    {
        var worker = await server.ExtendedAsync(PeerKind.Worker, "w1", "");
        await worker.SendAsync(new WorkerFacts(Tier) { CanResume = true }.ToCommand());
        return worker;
    }

    private static async Task<(WirePeer Worker, Command.JobSchedule Job, LeaseMessage Lease)> TakeAsync(RunningServer server)
    {
        var worker = await OpenAsync(server);
        await worker.SendAsync(new Command.JobRequested(Text("debian-12")));
        Command.Request request;
        do request = await NextAsync<Command.Request>(worker);
        while (request.Verb.ToString() != LeaseMessage.Verb);
        await NextAsync<Command.TimeLimit>(worker);
        return (worker, await NextAsync<Command.JobSchedule>(worker), LeaseMessage.From(request));
    }

    private static async Task<WirePeer> ResumeAsync(RunningServer server, BuildUuid uuid, ByteString token)
    {
        var worker = await OpenAsync(server);
        await worker.SendAsync(new ResumeMessage(uuid, token).ToCommand());
        return worker;
    }

    /// <summary>Signs of life come at any time.</summary>
    private static async Task<T> NextAsync<T>(WirePeer peer)
        where T : Command
    {
        Command? command;
        do command = await peer.ReceiveAsync();
        while (command is Command.Heartbeat);
        return Assert.IsType<T>(command);
    }
}

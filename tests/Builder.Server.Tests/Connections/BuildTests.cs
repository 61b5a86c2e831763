using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Access;

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
        await using var server = await RunningServer.StartAsync(options => options with { LongestAttempts = 2 });
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
                seen.Take(Lines + 1).Select(answer => Assert.IsType<Command.OutputTimestamped>(answer).Line.ToString()));
            Assert.IsType<Command.Success>(seen[^1]);
        }
        var build = Assert.Single(server.Builds());
        Assert.Equal(Lines, build.Console.Count);
        Assert.Equal("line 0", build.Console[^1].Text.ToString());
        Assert.Equal(build.Console.Select(line => line.DeltaNanoseconds).OrderDescending(), build.Console.Select(line => line.DeltaNanoseconds));
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
            TestContext.Current.CancellationToken);
        await server.DoAsync(new Command.ScheduleOrbBuild(Period.Daily, new OrbBuildJob(Text("dns"), Text("dns-primary.1.0"))));

        var (worker, job) = await server.TakeAsync();

        Assert.Equal("orb build dns-primary.1.0 --on debian-12 # dns-primary.1.0\n", job.Job.Script.ToString());
        worker.Dispose();
    }

    [Fact]
    public async Task An_extended_worker_is_thanked_when_its_build_is_safe()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job) = await TakeExtendedAsync(server);
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
        var (worker, _) = await TakeExtendedAsync(server);
        using var connection = worker;

        var refusal = Assert.IsType<Command.Failure>(await worker.ReceiveAsync());

        Assert.Contains("silent", refusal.Reason.ToString(), StringComparison.Ordinal);
        Assert.Single((await server.InfoAsync()).Queues[0].Jobs);
    }

    [Fact]
    public async Task An_extended_worker_is_told_the_time_limit_and_has_time_to_send_what_a_job_over_it_left()
    {
        await using var server = await RunningServer.StartAsync(options => options with { TimeLimit = TimeSpan.FromMilliseconds(200) });
        await server.ScheduleAsync("slow");
        var (worker, job) = await TakeExtendedAsync(server, limitInSeconds: 1);
        using var connection = worker;
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        await worker.SendAsync(new Command.JobFinished(
            job.Uuid, new ExecutionResult.Message(Text("timeout")), [new Artifact(ArtifactPath.Parse("half"), "x"u8.ToArray())]));

        Assert.Equal(new Command.Success(), await worker.ReceiveAsync());

        var build = Assert.Single(server.Builds());
        Assert.Equal(new ExecutionResult.Message(Text("timeout")), build.Result);
        Assert.Equal("half", Assert.Single(build.Output).Path.ToString());
    }

    [Fact]
    public async Task An_extended_worker_that_does_not_end_its_job_loses_it()
    {
        await using var server = await RunningServer.StartAsync(
            options => options with { TimeLimit = TimeSpan.FromMilliseconds(200), LongestEnding = TimeSpan.FromMilliseconds(200) });
        await server.ScheduleAsync("slow");
        var (worker, _) = await TakeExtendedAsync(server, limitInSeconds: 1);
        using var connection = worker;

        Assert.Equal("the lease is lost: timeout", Assert.IsType<Command.Failure>(await worker.ReceiveAsync()).Reason.ToString());
        Assert.Equal(new ExecutionResult.Message(Text("timeout")), Assert.Single(await server.BuildsAsync(1)).Result);
    }

    [Fact]
    public async Task A_cancelled_build_is_recorded_with_what_the_worker_sends()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job) = await TakeExtendedAsync(server);
        using var connection = worker;
        using var client = await ExtendedAsync(server, PeerKind.Client, "", "");
        await client.SendAsync(new Command.Cancel(job.Uuid));
        Assert.Equal(new Command.Success(), await client.ReceiveAsync());

        Assert.Equal(new Command.Cancel(job.Uuid), await worker.ReceiveAsync());
        await worker.SendAsync(new Command.JobFinished(
            job.Uuid, new ExecutionResult.Message(Text("cancelled")), [new Artifact(ArtifactPath.Parse("half"), "x"u8.ToArray())]));

        Assert.Equal(new Command.Success(), await worker.ReceiveAsync());
        Assert.Equal("half", Assert.Single(Assert.Single(server.Builds()).Output).Path.ToString());
    }

    [Fact]
    public async Task A_cancelled_build_of_an_original_worker_is_recorded_and_its_connection_closed()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        using var client = await ExtendedAsync(server, PeerKind.Client, "", "");
        await client.SendAsync(new Command.Cancel(job.Uuid));

        Assert.Null(await worker.ReceiveAsync());
        Assert.Equal(new ExecutionResult.Message(Text("cancelled")), Assert.Single(await server.BuildsAsync(1)).Result);
        worker.Dispose();
    }

    [Fact]
    public async Task Where_keys_are_required_only_their_holders_are_let_in_and_only_for_their_platforms()
    {
        await using var server = await RunningServer.StartAsync(options => options with { RequiresKeys = true });
        var keys = new AccessKeys(server.Directory, TimeProvider.System);
        var secret = keys.Add(PeerKind.Worker, "bsd-1", [Platform.Parse("freebsd-14.1")]);

        using var original = await server.ConnectAsync();
        await original.SendAsync(new Command.ClientHello(PeerKind.Worker, ProtocolVersion.Worker));
        Assert.IsType<Command.Failure>(await original.ReceiveAsync());
        using var stranger = await RefusedAsync(server, PeerKind.Worker, "builder-guess");
        using var asClient = await RefusedAsync(server, PeerKind.Client, secret);
        using var other = await ExtendedAsync(server, PeerKind.Worker, "", secret);
        await other.SendAsync(new Command.JobRequested(Text("debian-12")));
        Assert.Contains("not for platform", Assert.IsType<Command.Failure>(await other.ReceiveAsync()).Reason.ToString(), StringComparison.Ordinal);

        using var holder = await ExtendedAsync(server, PeerKind.Worker, "", secret);
        await holder.SendAsync(new Command.JobRequested(Text("freebsd-14.1")));
        var admin = keys.Add(PeerKind.Client, "me", []);
        using var client = await ExtendedAsync(server, PeerKind.Client, "", admin);
        await client.SendAsync(new Command.Schedule(Period.Daily, new ScriptJob(Text("j"), Text("freebsd-14.1"), Text("true"))));
        Assert.Equal(new Command.Success(), await client.ReceiveAsync());
        Assert.IsType<Command.Request>(await holder.ReceiveAsync());
        Assert.IsType<Command.TimeLimit>(await holder.ReceiveAsync());
        Assert.IsType<Command.JobSchedule>(await holder.ReceiveAsync());

        Assert.True(keys.Revoke(PeerKind.Worker, "bsd-1"));
        using var revoked = await RefusedAsync(server, PeerKind.Worker, secret);
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains(secret, StringComparison.Ordinal) || line.Contains(admin, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Builds_wait_for_the_web_and_survive_a_restart()
    {
        var port = FreePort();
        var target = new Uri($"http://alice:s%40crate@127.0.0.1:{port}/upload");
        await using var server = await RunningServer.StartAsync(options => options with { Upload = target });
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));
        Assert.Null(await worker.ReceiveAsync());
        worker.Dispose();
        var full = Path.Combine(server.Directory, "hello", job.Uuid.ToString(), "full");
        var bytes = await File.ReadAllBytesAsync(full, TestContext.Current.CancellationToken);
        await server.StopAsync();
        await server.StartAgainAsync();
        Assert.True(File.Exists(full));

        using var web = new TcpListener(IPAddress.Loopback, port);
        web.Start();
        var first = await AnswerAsync(web, "503 Service Unavailable");
        var second = await AnswerAsync(web, "201 Created");

        Assert.Equal(first, second);
        var head = second[..second.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
        Assert.StartsWith("POST /upload HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"Authorization: Basic {Convert.ToBase64String("alice:s@crate"u8)}", head, StringComparison.Ordinal);
        Assert.Equal(Encoding.Latin1.GetString(bytes), second[(head.Length + 4)..]);
        await server.EventuallyAsync(() => Task.FromResult(File.Exists(full)), exists => !exists);
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains("crate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_build_is_sent_again_when_the_web_wants_to_be_asked_again_and_not_before()
    {
        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        await using var server = await RunningServer.StartAsync(options => options with { Upload = new Uri($"http://{web.LocalEndpoint}/") });
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));
        Assert.Null(await worker.ReceiveAsync());
        worker.Dispose();

        await AnswerAsync(web, "503 Service Unavailable\r\nRetry-After: 2", "The site's database is locked by another program.");

        await server.EventuallyAsync(
            () => Task.FromResult(server.Log.Lines.ToList()),
            lines => lines.Any(line => line.Contains("could not be uploaded, next try in 2 s: the web answers 503 Service Unavailable: The site's database is locked", StringComparison.Ordinal)));
        await AnswerAsync(web, "201 Created");
        await server.EventuallyAsync(() => AskSpoolAsync(server), text => text == "[]");
    }

    [Fact]
    public async Task The_spool_says_in_the_webs_own_words_why_it_does_not_take_a_build()
    {
        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        await using var server = await RunningServer.StartAsync(options => options with { Upload = new Uri($"http://{web.LocalEndpoint}/") });
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));
        Assert.Null(await worker.ReceiveAsync());
        worker.Dispose();

        await AnswerAsync(web, "400 Bad Request", "console[3].delta, at byte 99:\n\u001b[31mno" + new string('!', 1000));

        var spool = await server.EventuallyAsync(() => AskSpoolAsync(server), text => text.Contains("Bad Request", StringComparison.Ordinal));
        Assert.Contains("\"problem\":\"the web answers 400 Bad Request: console[3].delta, at byte 99:  [31mno!!!", spool, StringComparison.Ordinal);
        Assert.Contains("\"held\":true", spool, StringComparison.Ordinal);
        Assert.InRange(spool.Length, 300, 700);

        // Held: nothing comes by itself any more, until an operator asks for it.
        Assert.Null(await AskAsync(server, "spool-retry", $$"""{"uuid":"{{job.Uuid}}"}"""));
        await AnswerAsync(web, "201 Created");
        await server.EventuallyAsync(() => AskSpoolAsync(server), text => text == "[]");
        Assert.Contains("is not in the spool", await AskAsync(server, "spool-drop", $$"""{"uuid":"{{job.Uuid}}"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_build_that_is_damaged_on_disk_is_not_uploaded_but_held_until_an_operator_drops_it()
    {
        var port = FreePort();
        await using var server = await RunningServer.StartAsync(options => options with { Upload = new Uri($"http://127.0.0.1:{port}/") });
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), [new Artifact(ArtifactPath.Parse("bin/x"), new byte[3000])]));
        Assert.Null(await worker.ReceiveAsync());
        worker.Dispose();
        await server.StopAsync();
        var full = Path.Combine(server.Directory, "hello", job.Uuid.ToString(), "full");
        var bytes = await File.ReadAllBytesAsync(full, TestContext.Current.CancellationToken);
        bytes[2000] ^= 1;
        await File.WriteAllBytesAsync(full, bytes, TestContext.Current.CancellationToken);

        using var web = new TcpListener(IPAddress.Loopback, port);
        web.Start();
        await server.StartAgainAsync();

        var spool = await server.EventuallyAsync(() => AskSpoolAsync(server), text => text.Contains("\"held\":true", StringComparison.Ordinal));
        Assert.Contains("full is damaged at byte 0", spool, StringComparison.Ordinal);
        Assert.Null(await AskAsync(server, "spool-drop", $$"""{"uuid":"{{job.Uuid}}"}"""));
        Assert.Equal("[]", await AskSpoolAsync(server));
        Assert.True(File.Exists(full));
        await server.StopAsync();
        await server.StartAgainAsync();
        Assert.Equal("[]", await AskSpoolAsync(server));
    }

    [Fact]
    public async Task A_build_that_is_longer_than_the_web_takes_is_the_failure_of_its_job()
    {
        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        await using var server = await RunningServer.StartAsync(options => options with { Upload = new Uri($"http://{web.LocalEndpoint}/up") });
        using (var connection = await web.AcceptSocketAsync(TestContext.Current.CancellationToken))
        {
            var buffer = new byte[4096];
            var count = await connection.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Assert.StartsWith("GET /up/limit HTTP/1.1\r\n", Encoding.ASCII.GetString(buffer, 0, count), StringComparison.Ordinal);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"max_bytes\":500000}"u8.ToArray(), TestContext.Current.CancellationToken);
            await server.EventuallyAsync(() => Task.FromResult(server.Log.Lines.ToArray()), lines => lines.Any(line => line.Contains("up to 500000 bytes", StringComparison.Ordinal)));
        }
        await server.ScheduleAsync("long");
        var (worker, job) = await server.TakeAsync();
        using (worker)
        {
            await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), [new Artifact(ArtifactPath.Parse("bin/x"), new byte[500_000])]));
            await worker.ReceiveAllAsync();
        }
        var build = Assert.Single(await server.BuildsAsync(1));
        Assert.EndsWith("is over the 0.5 MB that the web takes", Assert.IsType<ExecutionResult.Message>(build.Result).Text.ToString(), StringComparison.Ordinal);
    }

    /// <returns>The reason of a refusal, or null when done.</returns>
    private static async Task<string?> AskAsync(RunningServer server, string verb, string body)
    {
        using var client = await ExtendedAsync(server, PeerKind.Client, "me", "");
        await client.SendAsync(new Command.Request(Text(verb), Text(body)));
        return await client.ReceiveAsync() is Command.Failure(var reason) ? reason.ToString() : null;
    }

    private static async Task<string> AskSpoolAsync(RunningServer server)
    {
        using var client = await ExtendedAsync(server, PeerKind.Client, "me", "");
        await client.SendAsync(new Command.Request(Text("spool"), Text("{}")));
        return Assert.IsType<Command.Answer>(await client.ReceiveAsync()).Body.ToString();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static ByteString Text(string text) => ByteString.FromUtf8(text);

    /// <summary>Takes one request of HTTP and answers it.</summary>
    private static async Task<string> AnswerAsync(TcpListener web, string status, string words = "")
    {
        while (true)
        {
            var request = await AnswerOneAsync(web, status, words);
            // As a site of the original answers the question how long an upload may be.
            if (!request.StartsWith("GET /upload/limit ", StringComparison.Ordinal))
                return request;
        }
    }

    private static async Task<string> AnswerOneAsync(TcpListener web, string status, string words)
    {
        using var connection = await web.AcceptSocketAsync(TestContext.Current.CancellationToken);
        var request = "";
        var buffer = new byte[65536];
        while (true)
        {
            var count = await connection.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Assert.NotEqual(0, count);
            request += Encoding.Latin1.GetString(buffer, 0, count);
            var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
                continue;
            if (request.StartsWith("GET ", StringComparison.Ordinal))
            {
                await connection.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
                return request;
            }
            var length = int.Parse(request.Split("Content-Length: ")[1].Split("\r\n")[0], System.Globalization.CultureInfo.InvariantCulture);
            if (request.Length == end + 4 + length)
                break;
        }
        await connection.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {words.Length}\r\nConnection: close\r\n\r\n{words}"), TestContext.Current.CancellationToken);
        return request;
    }

    [Fact]
    public async Task The_isolation_that_a_worker_tells_is_shown_while_it_waits_and_while_it_builds()
    {
        await using var server = await RunningServer.StartAsync();
        using var worker = await ExtendedAsync(server, PeerKind.Worker, "w1", "");
        await worker.SendAsync(new WorkerFacts(new IsolationTier(IsolationKind.Sandbox, "all apart")).ToCommand());
        await worker.SendAsync(new Command.JobRequested(Text("debian-12")));
        using var older = await server.ConnectAsync(PeerKind.Worker, ProtocolVersion.ExtendedWorkerWithoutFacts);
        await older.SendAsync(new Command.WorkerIdentity(Text("w0"), ByteString.Empty));
        Assert.Equal(new Command.Success(), await older.ReceiveAsync());
        await older.SendAsync(new Command.JobRequested(Text("freebsd-14")));

        var waiting = await server.EventuallyAsync(WorkersAsync, workers => workers.Length == 2);
        Assert.Equal(["w0 null null", "w1 sandbox null"], waiting);
        await server.ScheduleAsync("job");
        Assert.Equal(["w0 null null", "w1 sandbox job"], await server.EventuallyAsync(WorkersAsync, workers => workers[1].EndsWith("job", StringComparison.Ordinal)));
        Assert.Contains("\"isolation\":\"sandbox\"", (await RequestAsync(server, "status")).Split("\"workers\"")[0], StringComparison.Ordinal);

        async Task<string[]> WorkersAsync()
        {
            using var document = JsonDocument.Parse(await RequestAsync(server, "workers"));
            return
            [
                .. document.RootElement.GetProperty("workers").EnumerateArray()
                    .Select(worker => $"{worker.GetProperty("name").GetString()!.Split(' ')[0]} {worker.GetProperty("isolation").GetString() ?? "null"} {worker.GetProperty("job").GetString() ?? "null"}"),
            ];
        }
    }

    private static async Task<string> RequestAsync(RunningServer server, string verb)
    {
        using var client = await ExtendedAsync(server, PeerKind.Client, "", "");
        await client.SendAsync(new Command.Request(Text(verb), Text("{}")));
        return Assert.IsType<Command.Answer>(await client.ReceiveAsync()).Body.ToString();
    }

    private static async Task<WirePeer> ExtendedAsync(RunningServer server, PeerKind kind, string name, string key)
    {
        var peer = await server.ConnectAsync(kind, kind == PeerKind.Worker ? ProtocolVersion.ExtendedWorker : ProtocolVersion.ExtendedClient);
        await peer.SendAsync(new Command.WorkerIdentity(Text(name), Text(key)));
        Assert.Equal(new Command.Success(), await peer.ReceiveAsync());
        return peer;
    }

    /// <summary>An extended worker that has a job.</summary>
    private static async Task<(WirePeer Worker, Command.JobSchedule Job)> TakeExtendedAsync(RunningServer server, long limitInSeconds = 3600)
    {
        var worker = await ExtendedAsync(server, PeerKind.Worker, "w1", "");
        await worker.SendAsync(new Command.JobRequested(Text("debian-12")));
        Assert.Equal(JobLimitsMessage.Verb, Assert.IsType<Command.Request>(await worker.ReceiveAsync()).Verb.ToString());
        Assert.Equal(new Command.TimeLimit(limitInSeconds), await worker.ReceiveAsync());
        return (worker, Assert.IsType<Command.JobSchedule>(await worker.ReceiveAsync()));
    }

    private static async Task<WirePeer> RefusedAsync(RunningServer server, PeerKind kind, string key)
    {
        var peer = await server.ConnectAsync(kind, kind == PeerKind.Worker ? ProtocolVersion.ExtendedWorker : ProtocolVersion.ExtendedClient);
        await peer.SendAsync(new Command.WorkerIdentity(ByteString.Empty, Text(key)));
        Assert.IsType<Command.Failure>(await peer.ReceiveAsync());
        return peer;
    }
}

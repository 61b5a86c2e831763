using System.Text;
using Builder.Analysis.Values;
using Builder.Proof.Keys;
using Builder.Proof.Records;
using Builder.Proof.Statements;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Server.Tests.Connections;

namespace Builder.Server.Tests.Uploads;

/// <summary>Finished builds on their way to the web.</summary>
public sealed class UploadTests
{
    [Fact]
    public async Task Builds_wait_for_the_web_and_survive_a_restart()
    {
        using var web = new LateListener();
        var target = new Uri($"http://alice:s%40crate@{web.LocalEndpoint}/upload");
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

    /// <summary>The same bytes at each attempt, also after a restart: an exec that is changed on the way no longer fits its record.</summary>
    [Fact]
    public async Task The_servers_signed_record_goes_with_each_attempt_and_survives_a_restart()
    {
        using var web = new LateListener();
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                Upload = new Uri($"http://{web.LocalEndpoint}/"),
            }
        );
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        Artifact[] artifacts =
        [
            new(ArtifactPath.Parse("bin/x"), "first"u8.ToArray()),
            new(ArtifactPath.Parse("opam-switch"), new byte[70_000]),
        ];
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), artifacts));
        Assert.Null(await worker.ReceiveAsync());
        worker.Dispose();
        var exec = await File.ReadAllBytesAsync(
            Path.Combine(server.Directory, "hello", job.Uuid.ToString(), "full"),
            TestContext.Current.CancellationToken
        );
        web.Start();
        var first = RecordOf(await AnswerAsync(web, "503 Service Unavailable"));
        await server.StopAsync();
        await server.StartAgainAsync();
        var second = RecordOf(await AnswerAsync(web, "201 Created"));

        Assert.Equal(first, second);
        Assert.True(RecordHeader.TryRead(second, out var envelope, out var record));
        var key = VerificationKey.FromPem(
            await File.ReadAllTextAsync(Path.Combine(server.Directory, "_record-key.pub"), TestContext.Current.CancellationToken)
        );
        Assert.True(DsseEnvelope.Parse(envelope).IsSignedBy(key));
        using var list = new ArtifactListDigest();
        foreach (var artifact in artifacts)
            list.Add(artifact.Path.Bytes.Span, artifact.Data.Length, Sha256Digest.Of(artifact.Data.Span));
        Assert.Equal((job.Uuid.ToString(), "hello", 2L), (record.Uuid, record.Job, record.ArtifactCount));
        Assert.Equal((Sha256Digest.Of(exec), (long)exec.Length, list.End()), (record.Exec, record.ExecSize, record.Artifacts));
        Assert.Equal(Sha256Digest.Of(job.Job.Script.Span), record.Script);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(server.Directory, "_record-key.pem"))
        );
    }

    private static string RecordOf(string request) =>
        request.Split("\r\n").Single(line => line.StartsWith("Builder-Record: ", StringComparison.Ordinal))["Builder-Record: ".Length..];

    [Fact]
    public async Task A_build_is_sent_again_when_the_web_wants_to_be_asked_again_and_not_before()
    {
        using var web = new LateListener();
        web.Start();
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                Upload = new Uri($"http://{web.LocalEndpoint}/"),
            }
        );
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));
        Assert.Null(await worker.ReceiveAsync());
        worker.Dispose();

        await AnswerAsync(web, "503 Service Unavailable\r\nRetry-After: 2", "The site's database is locked by another program.");

        await server.EventuallyAsync(
            () => Task.FromResult(server.Log.Lines.ToList()),
            lines =>
                lines.Any(line =>
                    line.Contains(
                        "could not be uploaded, next try in 2 s: the web answers 503 Service Unavailable: The site's database is locked",
                        StringComparison.Ordinal
                    )
                )
        );
        await AnswerAsync(web, "201 Created");
        await server.EventuallyAsync(() => server.RequestAsync("spool"), text => text == "[]");
    }

    [Fact]
    public async Task The_spool_says_in_the_webs_own_words_why_it_does_not_take_a_build()
    {
        using var web = new LateListener();
        web.Start();
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                Upload = new Uri($"http://{web.LocalEndpoint}/"),
            }
        );
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        await worker.SendAsync(new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), []));
        Assert.Null(await worker.ReceiveAsync());
        worker.Dispose();

        await AnswerAsync(web, "400 Bad Request", "console[3].delta, at byte 99:\n\u001b[31mno" + new string('!', 1000));

        var spool = await server.EventuallyAsync(
            () => server.RequestAsync("spool"),
            text => text.Contains("Bad Request", StringComparison.Ordinal)
        );
        Assert.Contains(
            "\"problem\":\"the web answers 400 Bad Request: console[3].delta, at byte 99:  [31mno!!!",
            spool,
            StringComparison.Ordinal
        );
        Assert.Contains("\"held\":true", spool, StringComparison.Ordinal);
        Assert.InRange(spool.Length, 300, 700);

        // Held: nothing comes by itself any more, until an operator asks for it.
        Assert.Null(await AskAsync(server, "spool-retry", $$"""{"uuid":"{{job.Uuid}}"}"""));
        await AnswerAsync(web, "201 Created");
        await server.EventuallyAsync(() => server.RequestAsync("spool"), text => text == "[]");
        Assert.Contains(
            "is not in the spool",
            await AskAsync(server, "spool-drop", $$"""{"uuid":"{{job.Uuid}}"}"""),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_finished_build_that_is_damaged_on_disk_is_not_uploaded_but_held_until_an_operator_drops_it()
    {
        using var web = new LateListener();
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                Upload = new Uri($"http://{web.LocalEndpoint}/"),
            }
        );
        await server.ScheduleAsync("hello");
        var (worker, job) = await server.TakeAsync();
        await worker.SendAsync(
            new Command.JobFinished(job.Uuid, new ExecutionResult.Exited(0), [new Artifact(ArtifactPath.Parse("bin/x"), new byte[3000])])
        );
        Assert.Null(await worker.ReceiveAsync());
        worker.Dispose();
        await server.StopAsync();
        var full = Path.Combine(server.Directory, "hello", job.Uuid.ToString(), "full");
        var bytes = await File.ReadAllBytesAsync(full, TestContext.Current.CancellationToken);
        bytes[2000] ^= 1;
        await File.WriteAllBytesAsync(full, bytes, TestContext.Current.CancellationToken);

        web.Start();
        await server.StartAgainAsync();

        var spool = await server.EventuallyAsync(
            () => server.RequestAsync("spool"),
            text => text.Contains("\"held\":true", StringComparison.Ordinal)
        );
        Assert.Contains("full is damaged at byte 0", spool, StringComparison.Ordinal);
        Assert.Null(await AskAsync(server, "spool-drop", $$"""{"uuid":"{{job.Uuid}}"}"""));
        Assert.Equal("[]", await server.RequestAsync("spool"));
        Assert.True(File.Exists(full));
        await server.StopAsync();
        await server.StartAgainAsync();
        Assert.Equal("[]", await server.RequestAsync("spool"));
    }

    [Fact]
    public async Task A_build_that_is_longer_than_the_web_takes_is_the_failure_of_its_job()
    {
        using var web = new LateListener();
        web.Start();
        await using var server = await RunningServer.StartAsync(options =>
            options with
            {
                Upload = new Uri($"http://{web.LocalEndpoint}/up"),
            }
        );
        using (var connection = await web.AcceptSocketAsync(TestContext.Current.CancellationToken))
        {
            var buffer = new byte[4096];
            var count = await connection.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Assert.StartsWith("GET /up/limit HTTP/1.1\r\n", Encoding.ASCII.GetString(buffer, 0, count), StringComparison.Ordinal);
            await connection.SendAsync(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"max_bytes\":500000}"u8.ToArray(),
                TestContext.Current.CancellationToken
            );
            await server.EventuallyAsync(
                () => Task.FromResult(server.Log.Lines.ToArray()),
                lines => lines.Any(line => line.Contains("up to 500000 bytes", StringComparison.Ordinal))
            );
        }
        await server.ScheduleAsync("long");
        var (worker, job) = await server.TakeAsync();
        using (worker)
        {
            await worker.SendAsync(
                new Command.JobFinished(
                    job.Uuid,
                    new ExecutionResult.Exited(0),
                    [new Artifact(ArtifactPath.Parse("bin/x"), new byte[500_000])]
                )
            );
            await worker.ReceiveAllAsync();
        }
        var build = Assert.Single(await server.BuildsAsync(1));
        Assert.EndsWith(
            "is over the 0.5 MB that the web takes",
            Assert.IsType<ExecutionResult.Message>(build.Result).Text.ToString(),
            StringComparison.Ordinal
        );
    }

    /// <returns>The reason of a refusal, or null when done.</returns>
    private static async Task<string?> AskAsync(RunningServer server, string verb, string body)
    {
        using var client = await server.ExtendedAsync(PeerKind.Client, "me", "");
        await client.SendAsync(new Command.Request(Text(verb), Text(body)));
        return await client.ReceiveAsync() is Command.Failure(var reason) ? reason.ToString() : null;
    }

    /// <summary>Takes one request of HTTP and answers it.</summary>
    private static async Task<string> AnswerAsync(LateListener web, string status, string words = "")
    {
        while (true)
        {
            var request = await AnswerOneAsync(web, status, words);
            // As a site of the original answers the question how long an upload may be.
            if (!request.StartsWith("GET /upload/limit ", StringComparison.Ordinal))
                return request;
        }
    }

    private static async Task<string> AnswerOneAsync(LateListener web, string status, string words)
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
                await connection.SendAsync(
                    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(),
                    TestContext.Current.CancellationToken
                );
                return request;
            }
            var length = int.Parse(
                request.Split("Content-Length: ")[1].Split("\r\n")[0],
                System.Globalization.CultureInfo.InvariantCulture
            );
            if (request.Length == end + 4 + length)
                break;
        }
        await connection.SendAsync(
            Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {words.Length}\r\nConnection: close\r\n\r\n{words}"
            ),
            TestContext.Current.CancellationToken
        );
        return request;
    }

    private static ByteString Text(string text) => ByteString.FromUtf8(text);
}

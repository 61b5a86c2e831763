using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Testing;

namespace Builder.EndToEnd.Tests;

/// <summary>
/// Sixty-four uploads at once, which share artifacts and of which some have one uuid, while the web process is killed at a random moment: afterwards
/// tables and files agree, what was answered with 201 is there, and nobody ever saw half a build. A short run here; <c>BUILDER_KILL_ROUNDS</c> and
/// <c>BUILDER_KILL_SEED</c> make it long or another one.
/// </summary>
public abstract class UploadKillTests(PostgreSqlServer? server)
{
    private const int AtOnce = 64;
    private const int Twins = 8;

    private static readonly TimeSpan MaxMomentLength = TimeSpan.FromMilliseconds(1500);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public sealed class OnSqlite() : UploadKillTests(server: null);

    public sealed class OnPostgreSql(PostgreSqlServer server) : UploadKillTests(server), IClassFixture<PostgreSqlServer>;

    [Fact]
    public async Task Whenever_the_web_process_is_killed_each_upload_is_there_whole_or_not_at_all()
    {
        var rounds = FromEnvironment("BUILDER_KILL_ROUNDS", 3);
        var random = new Random(FromEnvironment("BUILDER_KILL_SEED", 20261125));
        if (server is not null)
            Requirement.PostgreSql();
        await using var site = await UploadSite.StartAsync(server is null ? null : await server.CreateDatabaseAsync(Cancellation));
        for (var round = 0; round < rounds; round++)
        {
            var builds = Enumerable.Range(0, AtOnce - Twins).Select(i => Sample(round, i)).ToList();
            builds.AddRange(builds.Take(Twins).ToList());
            var moment = random.NextDouble() * MaxMomentLength;
            TestContext.Current.TestOutputHelper!.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"round {round}: killed after {moment.TotalMilliseconds:f0} ms")
            );

            var uploads = builds.Select(build => site.UploadAsync(build.Exec)).ToList();
            var reader = ReadUntilAsync(Task.WhenAll(uploads), site, builds);
            await Task.Delay(moment, Cancellation);
            await site.KillAsync();
            var answers = await Task.WhenAll(uploads);
            await reader;
            await site.StartWebAsync();

            await AgreesAsync(site);
            foreach (var (build, answer) in builds.Zip(answers))
                Assert.True(
                    await IsThereWholeAsync(site, build) || answer != HttpStatusCode.Created,
                    $"round {round}: {build.Uuid} was answered with 201 and is not there"
                );

            // Whoever got no answer comes again, as the server does: one of twins is stored, the other is told so.
            var again = await Task.WhenAll(builds.Select(build => site.UploadAsync(build.Exec)));
            Assert.All(
                again,
                answer => Assert.True(answer is HttpStatusCode.Created or HttpStatusCode.Conflict, $"round {round}: {answer}")
            );
            foreach (var build in builds)
                Assert.True(await IsThereWholeAsync(site, build), $"round {round}: {build.Uuid} is not there");
            await AgreesAsync(site);
        }
    }

    /// <summary>Some artifacts are those of many, some its own, some of this round's only.</summary>
    private static SampleBuild Sample(int round, int number)
    {
        var uuid = BuildUuid.NewRandom();
        var job = $"job-{number % 7}";
        var started = Timestamp.From(new DateTimeOffset(2026, 11, 25, 6, 0, 0, TimeSpan.Zero));
        Artifact Of(string path, string text, int size) => new(ArtifactPath.Parse(path), Encoding.UTF8.GetBytes(text.PadRight(size)));
        var exec = new Exec(
            new ScriptJob(ByteString.FromUtf8(job), ByteString.FromUtf8("test-platform"), ByteString.FromUtf8("#!/bin/sh\nmake\n")),
            uuid,
            [new ConsoleLine(2_000_000_001, ByteString.FromUtf8("done")), new ConsoleLine(1, ByteString.FromUtf8($"build {number}"))],
            started,
            started,
            new ExecutionResult.Exited(0),
            [
                Of("bin/result", $"{round} {number % 5}", 300_000),
                Of("own", $"{round} {number}", 50_000),
                Of("build-environment", "PATH=/bin", 0),
                Of("README.md", $"# {job}", 0),
            ]
        );
        return new SampleBuild(job, uuid, ExecCodec.Encode(exec));
    }

    /// <summary>As long as uploads go on, whatever of them can be seen is whole; that the site is gone is no half build.</summary>
    private static async Task ReadUntilAsync(Task end, UploadSite site, List<SampleBuild> builds)
    {
        while (!end.IsCompleted)
        {
            foreach (var build in builds)
            {
                try
                {
                    await IsThereWholeAsync(site, build);
                }
                catch (HttpRequestException)
                {
                    await end;
                    return;
                }
            }
        }
    }

    private static async Task<bool> IsThereWholeAsync(UploadSite site, SampleBuild build)
    {
        var (status, exec) = await site.ExecAsync(build.Job, build.Uuid);
        if (status == HttpStatusCode.NotFound)
            return false;
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(build.Exec.AsSpan().SequenceEqual(exec), $"{build.Uuid} is seen with {exec.Length} bytes of {build.Exec.Length}");
        return true;
    }

    private static async Task AgreesAsync(UploadSite site)
    {
        var (exitCode, findings) = await site.VerifyAsync();
        Assert.True(exitCode == 0, findings);
        Assert.Empty(Directory.GetFileSystemEntries(site.Staging));
    }

    private static int FromEnvironment(string name, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : standard;

    private sealed record SampleBuild(string Job, BuildUuid Uuid, byte[] Exec);

    /// <summary>A web process on a directory of its own, killed and started again.</summary>
    private sealed class UploadSite : IAsyncDisposable
    {
        private const string Password = "secret";

        private readonly TemporaryDirectory directory = new();
        private readonly string[] data;
        private readonly HttpClient http = new();
        private BuilderProcess? web;
        private Uri? address;

        private UploadSite(string? database)
        {
            data = database is null ? ["--datadir", directory["web"]] : ["--datadir", directory["web"], "--database", database];
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"farm:{Password}"))
            );
        }

        public string Staging => directory["web/_staging"];

        public static async Task<UploadSite> StartAsync(string? database)
        {
            var site = new UploadSite(database);
            await SucceedsAsync(["db", "migrate", .. site.data], "");
            await SucceedsAsync(["db", "user-add", "farm", "--unrestricted", .. site.data], Password + "\n");
            await site.StartWebAsync();
            return site;
        }

        public async Task StartWebAsync()
        {
            web = BuilderProcess.Start(["web", "--port", "0", "--configdir", directory["config"], .. data]);
            var line = await web.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));
            address = new Uri(line[(line.LastIndexOf(' ') + 1)..]);
        }

        public Task KillAsync() => web!.KillAsync();

        /// <summary>Null where no answer came.</summary>
        public async Task<HttpStatusCode?> UploadAsync(byte[] exec)
        {
            try
            {
                using var body = new ByteArrayContent(exec);
                using var answer = await http.PostAsync(new Uri(address!, "/upload"), body, Cancellation);
                return answer.StatusCode;
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }

        public async Task<(HttpStatusCode Status, byte[] Exec)> ExecAsync(string job, BuildUuid uuid)
        {
            using var answer = await http.GetAsync(new Uri(address!, $"/job/{job}/build/{uuid}/exec"), Cancellation);
            return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(Cancellation));
        }

        public Task<(int ExitCode, string Output)> VerifyAsync() => BuilderProcess.RunAsync(["db", "verify-data-dir", .. data]);

        public async ValueTask DisposeAsync()
        {
            if (web is not null)
                await web.DisposeAsync();
            http.Dispose();
            directory.Dispose();
        }

        private static async Task SucceedsAsync(string[] arguments, string input)
        {
            var (exitCode, output) = await BuilderProcess.RunAsync(arguments, input);
            Assert.True(exitCode == 0, output);
        }
    }
}

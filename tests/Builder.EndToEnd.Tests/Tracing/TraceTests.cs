using System.Net;
using System.Text.Json;
using Builder.Protocol.Tracing;
using Builder.Protocol.Values;

namespace Builder.EndToEnd.Tests.Tracing;

/// <summary>Each build is one trace, from the client to the site, through processes that may die in between.</summary>
public sealed class TraceTests
{
    private const string ClientTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string ClientParent = "b7ad6b7169203331";

    private const string Script = """
        #!/bin/sh
        mkdir bin; echo made > bin/made
        sleep 0.3
        """;

    /// <summary>Each span of a build that is stored, with the one that it is below.</summary>
    private static readonly (string Name, string Parent, string Service)[] Tree =
    [
        ("build", "", "builder-server"),
        ("queue", "build", "builder-server"),
        ("run", "build", "builder-server"),
        ("spool", "run", "builder-server"),
        ("job", "run", "builder-worker"),
        ("prepare", "job", "builder-worker"),
        ("sandbox", "job", "builder-worker"),
        ("script", "job", "builder-worker"),
        ("collect", "job", "builder-worker"),
        ("send", "job", "builder-worker"),
        ("upload", "build", "builder-server"),
        ("ingest", "upload", "builder-web"),
        ("hash", "ingest", "builder-web"),
        ("commit", "ingest", "builder-web"),
        ("pictures", "commit", "builder-web"),
        ("index", "commit", "builder-web"),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_is_one_trace_from_the_client_to_the_site()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var farm = await FarmProcesses.StartTracedAsync(collector.Address, workerCount: 1, "--extended");

        await ScheduleAsync(farm, "traced");

        await collector.UntilAsync(spans => Tree.All(wanted => spans.Any(span => span.Name == wanted.Name)));
        var build = await UuidAsync(farm, "traced");
        var trace = build.ToString().Replace("-", "", StringComparison.Ordinal);
        var spans = await collector.UntilAsync(all => Tree.All(wanted => all.Any(span => span.Name == wanted.Name && span.Trace == trace)));
        var ofBuild = spans.Where(span => span.Trace == trace).ToList();
        var byId = ofBuild.ToDictionary(span => span.Id);
        foreach (var (name, parent, service) in Tree)
        {
            var span = Assert.Single(ofBuild, span => span.Name == name);
            Assert.Equal(parent, span.Parent.Length == 0 ? "" : byId[span.Parent].Name);
            Assert.Equal(service, span.Service);
            Assert.True(span.Start <= span.End, $"{span}");
            if (parent.Length > 0)
                Assert.True(byId[span.Parent].Start <= span.Start, $"{span} begins before {byId[span.Parent]}");
        }
        Assert.Equal(Tree.Length, ofBuild.Count);
        var script = ofBuild.Single(span => span.Name == "script");
        Assert.True(script.End - script.Start >= 200_000_000, $"{script}");
        var order = new[] { "queue", "prepare", "sandbox", "script", "collect", "send", "upload", "commit", "index" };
        foreach (var (earlier, later) in order.Zip(order.Skip(1)))
            Assert.True(Of(earlier).Start <= Of(later).Start, $"{earlier} does not begin before {later}");
        var root = Of("build");
        Assert.Equal("traced", root.Attributes["cicd.pipeline.name"]);
        Assert.Equal(build.ToString(), root.Attributes["cicd.pipeline.run.id"]);
        Assert.Equal("success", root.Attributes["cicd.pipeline.result"]);

        // The client is in the trace of whoever started it, and the build refers to it.
        var client = Assert.Single(spans, span => span is { Name: "schedule", Service: "builder-client" });
        Assert.Equal((ClientTrace, ClientParent), (client.Trace, client.Parent));
        var request = Assert.Single(spans, span => span is { Name: "schedule", Service: "builder-server" });
        Assert.Equal((ClientTrace, client.Id), (request.Trace, request.Parent));
        Assert.Equal([(ClientTrace, client.Id)], root.Links);

        ReceivedSpan Of(string name) => ofBuild.Single(span => span.Name == name);
    }

    [Fact]
    public async Task The_trace_goes_on_where_it_was_when_site_and_server_were_killed()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var farm = await FarmProcesses.StartTracedAsync(collector.Address, workerCount: 1, "--extended");
        await farm.KillWebAsync();
        await ScheduleAsync(farm, "spooled");
        var root = (await collector.UntilAsync(spans => spans.Any(span => span.Name == "build"))).Single(span => span.Name == "build");

        await farm.KillServerAsync();
        await farm.StartWebAsync();
        await farm.StartServerAsync();

        var spans = await collector.UntilAsync(spans =>
            spans.Any(span => span.Name == "index") && spans.Any(span => span is { Name: "upload", Status: not ReceivedSpan.Error })
        );
        var ofBuild = spans.Where(span => span.Trace == root.Trace).ToList();
        var commit = ofBuild.Single(span => span.Name == "commit");
        Assert.Equal(commit.Id, ofBuild.Single(span => span.Name == "index").Parent);
        var ingest = ofBuild.Single(span => span.Id == commit.Parent);
        var upload = ofBuild.Single(span => span.Id == ingest.Parent);
        Assert.Equal(("upload", root.Id), (upload.Name, upload.Parent));
        Assert.NotEqual(ReceivedSpan.Error, upload.Status);
    }

    [Fact]
    public async Task A_build_that_loses_its_worker_says_so_and_the_next_attempt_refers_to_it()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var farm = await FarmProcesses.StartTracedAsync(collector.Address, workerCount: 1, "--extended");
        var flag = farm["again"];
        var file = farm["lost.sh"];
        await File.WriteAllTextAsync(file, $"test -e {flag} || sleep 600\n", Stop);
        await farm.ClientAsync("schedule", "lost", FarmProcesses.Platform, file, "--period", "never");
        await collector.UntilAsync(spans => spans.Any(span => span.Name == "queue"));

        await File.WriteAllTextAsync(flag, "", Stop);
        await farm.KillWorkerWithSupervisorAsync(0);
        farm.StartWorker(0);

        var spans = await collector.UntilAsync(spans => spans.Count(span => span.Name == "build") == 2);
        var builds = spans.Where(span => span.Name == "build").OrderBy(span => span.Start).ThenBy(span => span.End).ToList();
        Assert.Equal((ReceivedSpan.Error, "error"), (builds[0].Status, builds[0].Attributes["cicd.pipeline.result"]));
        Assert.Equal([(builds[0].Trace, builds[0].Id)], builds[1].Links);
    }

    [Fact]
    public async Task A_collector_that_never_answers_delays_nothing()
    {
        using var collector = new SilentCollector();
        await using var farm = await FarmProcesses.StartTracedAsync(collector.Address, workerCount: 2);
        var holding = collector.HoldAsync();
        var jobs = Enumerable.Range(0, 6).Select(number => $"held-{number}").ToArray();

        foreach (var job in jobs)
            await farm.ScheduleAsync(job, Script);

        await farm.AllRecordedAsync(jobs);
        using var held = await holding;
        var (exitCode, output) = await farm.EndServerAndReadJournalAsync();
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task What_a_header_claims_leads_to_no_other_trace()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var farm = await FarmProcesses.StartTracedAsync(collector.Address, workerCount: 1, "--extended");
        await ScheduleAsync(farm, "known");
        await collector.UntilAsync(spans => spans.Any(span => span.Name == "index"));
        var known = await UuidAsync(farm, "known");
        using var http = new HttpClient();
        http.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", $"00-{ClientTrace}-{ClientParent}-01");
        var exec = await http.GetByteArrayAsync($"http://127.0.0.1:{farm.WebPort}/job/known/build/{known}/exec", Stop);
        string[] claims =
        [
            $"00-{ClientTrace}-{ClientParent}-01",
            $"00-{BuildTrace.IdOf(known).ToHexString()}-{ClientParent}-01",
            "00-00000000000000000000000000000000-0000000000000000-01",
            "ff-" + new string('a', 52),
            new string('0', 16_000),
            "'; DROP TABLE build; --",
        ];

        foreach (var claim in claims)
        {
            var build = BuildUuid.NewRandom();
            Assert.Equal(HttpStatusCode.Created, await farm.UploadAsync(WithUuid(exec, known, build), claim));
            var trace = BuildTrace.IdOf(build).ToHexString();
            var spans = await collector.UntilAsync(spans => spans.Any(span => span.Trace == trace && span.Name == "ingest"));
            Assert.Equal("", spans.Single(span => span.Trace == trace && span.Name == "ingest").Parent);
        }
        // Nor did the visit of a page begin one, and what was said of the known build is not in its trace.
        Assert.DoesNotContain(collector.Spans, span => span.Trace == ClientTrace && span.Service == "builder-web");
        Assert.Single(collector.Spans, span => span.Trace == BuildTrace.IdOf(known).ToHexString() && span.Name == "ingest");
    }

    /// <summary>By a client that is part of another trace.</summary>
    private static async Task ScheduleAsync(FarmProcesses farm, string job)
    {
        var file = farm[$"{job}.sh"];
        await File.WriteAllTextAsync(file, Script, Stop);
        await using var client = BuilderProcess.Start(
            ["client", "schedule", job, FarmProcesses.Platform, file, "--period", "never", "-r", $"unix:{farm.ClientSocket}"],
            [
                KeyValuePair.Create("OTEL_EXPORTER_OTLP_ENDPOINT", farm.Collector!.AbsoluteUri),
                KeyValuePair.Create("TRACEPARENT", $"00-{ClientTrace}-{ClientParent}-01"),
            ]
        );
        Assert.True(await client.ExitAsync() == 0, client.Transcript);
    }

    private static async Task<BuildUuid> UuidAsync(FarmProcesses farm, string job)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        using var page = JsonDocument.Parse(await http.GetStringAsync($"http://127.0.0.1:{farm.WebPort}/job/{job}", Stop));
        return BuildUuid.Parse(page.RootElement.GetProperty("builds")[0].GetProperty("uuid").GetString()!);
    }

    private static byte[] WithUuid(byte[] exec, BuildUuid before, BuildUuid after)
    {
        var changed = exec.ToArray();
        after.CopyTo(changed.AsSpan(changed.AsSpan().IndexOf(before.ToByteArray())));
        return changed;
    }
}

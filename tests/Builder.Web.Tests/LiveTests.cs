using System.Net.ServerSentEvents;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Web.Tests;

public sealed class LiveTests
{
    internal static readonly BuildUuid Running = BuildUuid.Parse("b92c500e-03fc-44d9-95de-50e5e6f91479");

    internal static readonly ConsoleLine[] Console =
    [
        new(1_000_000, ByteString.FromUtf8("+ make")),
        new(2_500_000_000, ByteString.FromUtf8("\u001b[31merror: <no>\u001b[0m")),
    ];

    [Fact]
    public async Task Activity_shows_what_runs_what_waits_and_what_is_scheduled()
    {
        await using var server = new FakeBuildServer(Info(), Console);
        await using var site = await Site.FilledAsync(options => options with { Server = server.Address });
        using var page = await site.Http.PageAsync("/activity");
        Assert.Equal(["1", "2", "1"], page.Texts(".stat b"));
        Assert.Contains("hello", page.Texts("a.job"));
        Assert.Equal(["dns-primary", "albatross"], page.Texts(".badge.wait"));
    }

    [Fact]
    public async Task Activity_shows_builds_that_the_site_refused_with_the_reason_and_the_command_that_helps()
    {
        await using var server = new FakeBuildServer(Info(), Console)
        {
            Answers = new Dictionary<string, string>
            {
                ["workers"] =
                    """{"workers": [{"name": "w1", "platform": "p", "isolation": "sandbox", "isolation_reason": "", "job": null, "build": null}], "held_jobs": 0, "hold_reason": null}""",
                ["spool"] = """
                    [{"uuid": "b92c500e-03fc-44d9-95de-50e5e6f91479", "job": "big<job>", "platform": "p", "problem": "413: larger than <4G>", "held": true},
                     {"uuid": "b92c500e-03fc-44d9-95de-50e5e6f91480", "job": "other", "platform": "p", "problem": "503", "held": false},
                     {"uuid": "b92c500e-03fc-44d9-95de-50e5e6f91481", "job": "older", "platform": "p", "problem": null}]
                    """,
            },
        };
        await using var site = await Site.FilledAsync(options => options with { Server = server.Address });
        using var page = await site.Http.PageAsync("/activity");
        var card = page.QuerySelectorAll("section").Single(section => section.QuerySelector("h2")?.TextContent == "1 build not taken");
        Assert.Equal(["big<job>", "p", "b92c500e-03fc-44d9-95de-50e5e6f91479", "413: larger than <4G>"], card.Texts("td"));
        Assert.Equal(["builder client spool --retry UUID", "builder client spool --drop UUID"], card.Texts("p code"));
    }

    [Fact]
    public async Task Home_shows_a_running_job_as_running_and_a_queued_one_as_waiting()
    {
        await using var server = new FakeBuildServer(Info(), Console);
        await using var site = await Site.FilledAsync(options => options with { Server = server.Address });
        using var page = await site.Http.PageAsync("/");
        var hello = page.QuerySelectorAll(".matrix tbody tr").Single(row => row.QuerySelector("a.job")!.TextContent == "hello");
        Assert.Equal(["running", "reproduced ×3"], hello.Texts(".badge"));
        Assert.Equal($"/activity/{Running}", hello.QuerySelector("a.badge")!.GetAttribute("href"));
        var dns = page.QuerySelectorAll(".matrix tbody tr").Single(row => row.QuerySelector("a.job")!.TextContent == "dns-primary");
        Assert.Equal(["waiting", "built once"], dns.Texts(".badge"));
    }

    [Fact]
    public async Task The_console_of_a_running_build_is_there_without_script()
    {
        await using var server = new FakeBuildServer(Info(), Console);
        await using var site = await Site.FilledAsync(options => options with { Server = server.Address });
        using var page = await site.Http.PageAsync($"/activity/{Running}");
        Assert.Equal(["+ make", "error: <no>"], page.Texts(".log li > span"));
        Assert.Equal("3", page.QuerySelector("noscript meta[http-equiv=refresh]")!.GetAttribute("content"));
    }

    [Fact]
    public async Task The_console_of_a_running_build_comes_as_events_and_ends_with_where_it_is_kept()
    {
        await using var server = new FakeBuildServer(Info(), Console);
        await using var site = await Site.FilledAsync(options => options with { Server = server.Address });
        using var answer = await site.Http.GetAsync(
            $"/activity/{Running}/events",
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        await using var body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var events = new List<(string Type, string Data)>();
        await foreach (var item in SseParser.Create(body).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            events.Add((item.EventType, item.Data));
            if (events.Count == Console.Length)
                server.End.SetResult();
        }
        Assert.Equal(["line", "line", "end"], events.Select(item => item.Type));
        Assert.Contains("<span class=\"c1\">error: &lt;no&gt;</span>", events[1].Data, StringComparison.Ordinal);
        Assert.Equal($"/activity/{Running}", events[2].Data);
    }

    [Fact]
    public async Task HEAD_of_the_events_says_what_they_are_and_does_not_wait_for_any()
    {
        await using var server = new FakeBuildServer(Info(), Console);
        await using var site = await Site.FilledAsync(options => options with { Server = server.Address });
        using var request = new HttpRequestMessage(HttpMethod.Head, $"/activity/{Running}/events");
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_build_that_has_ended_leads_to_its_console()
    {
        await using var server = new FakeBuildServer(Info(), Console);
        await using var site = await Site.FilledAsync(options => options with { Server = server.Address });
        using var answer = await site.Http.GetAsync(
            "/activity/4e467a04-af65-4b95-9a98-d426445e1feb",
            TestContext.Current.CancellationToken
        );
        Assert.Equal("/job/hello/build/4e467a04-af65-4b95-9a98-d426445e1feb/log", answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Without_its_build_server_the_site_goes_on_and_says_so()
    {
        var server = new FakeBuildServer(Info(), Console);
        var address = server.Address;
        await server.DisposeAsync();
        await using var site = await Site.FilledAsync(options => options with { Server = address });
        using var home = await site.Http.PageAsync("/");
        Assert.NotEmpty(home.Texts("a.job"));
        using var activity = await site.Http.PageAsync("/activity");
        Assert.Contains("cannot be asked", activity.Text(".empty h2"), StringComparison.Ordinal);
    }

    internal static ServerInfo Info()
    {
        var started = Timestamp.From(Site.Recorded.AddMinutes(-3));
        return new ServerInfo(
            [new ScheduleItem(Timestamp.From(Site.Recorded.AddHours(2)), Period.Daily, Script("hello", "debian-12"))],
            [new PlatformQueue(ByteString.FromUtf8("debian-12"), [Script("dns-primary", "debian-12"), Script("albatross", "debian-12")])],
            [new RunningJob(started, Running, Script("hello", "debian-12"))],
            []
        );
    }

    private static ScriptJob Script(string name, string platform) =>
        new(ByteString.FromUtf8(name), ByteString.FromUtf8(platform), ByteString.FromUtf8("true\n"));
}

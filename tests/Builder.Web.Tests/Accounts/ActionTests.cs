using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Accounts;
using Builder.Storage.Database;

namespace Builder.Web.Tests.Accounts;

/// <summary>What operators do from pages and programs do with tokens, and what others may not.</summary>
public sealed class ActionTests
{
    private static readonly string Cancel = $"/activity/{LiveTests.Running}/cancel";

    private static readonly Dictionary<string, string> Workers = new(StringComparer.Ordinal)
    {
        ["workers"] =
            """{"workers":[{"name":"big (192.0.2.9:4000)","stable_name":"big","platform":"debian-12","drained":false,"isolation":null,"isolation_reason":null,"job":null}],"held_jobs":0,"hold_reason":null,"drained":["gone"]}""",
        ["spool"] = """{"builds":[]}""",
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Each thing an operator may do: where, with which fields, and what the build server gets.</summary>
    public static TheoryData<string, string, string> Actions =>
        new()
        {
            { "/job/hello/run", "platform=debian-12", nameof(Command.Execute) },
            { "/job/hello/reschedule", "next=2026-11-28T04:00:00Z&period=weekly", nameof(Command.Reschedule) },
            { Cancel, "", nameof(Command.Cancel) },
            { "/platforms/drop", "platform=debian-12", nameof(Command.DropPlatform) },
            { "/platforms/undrop", "platform=debian-12", nameof(Command.UndropPlatform) },
            { "/workers/drain", "worker=big", nameof(Command.Request) },
            { "/workers/undrain", "worker=big", nameof(Command.Request) },
        };

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task Operators_and_admins_may_uploaders_and_strangers_may_not(string address, string fields, string command)
    {
        await using var server = Server();
        await using var site = await SiteAsync(server);
        foreach (var role in (AccountRole[])[AccountRole.Uploader, AccountRole.Operator, AccountRole.Admin])
        {
            using var browser = await BrowserSession.OfAsync(site, role);
            using var answer = await browser.PostAsync(address, [.. Fields(fields), ("form-token", await browser.FormTokenAsync())]);
            var isAllowed = role != AccountRole.Uploader;
            Assert.Equal(isAllowed ? HttpStatusCode.SeeOther : HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal(isAllowed ? [command] : [], server.Received.Select(received => received.GetType().Name));
            server.Received.Clear();
        }
        using var stranger = new BrowserSession(site);
        using var asked = await stranger.PostAsync(address, Fields(fields));
        Assert.Equal(HttpStatusCode.SeeOther, asked.StatusCode);
        Assert.StartsWith("/sign-in", asked.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var program = await SendAsync(site, address, fields, token: null);
        Assert.Equal(HttpStatusCode.Unauthorized, program.StatusCode);
        Assert.Empty(server.Received);
    }

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task Nothing_is_done_for_another_sites_page(string address, string fields, string command)
    {
        await using var server = Server();
        await using var site = await SiteAsync(server);
        using var browser = await BrowserSession.OfAsync(site, AccountRole.Admin);
        var token = await browser.FormTokenAsync();

        using var withoutToken = await browser.PostAsync(address, Fields(fields));
        Assert.Equal(HttpStatusCode.Forbidden, withoutToken.StatusCode);
        foreach (var origin in (string?[])[null, "https://evil.example"])
        {
            browser.Origin = origin;
            using var foreign = await browser.PostAsync(address, [.. Fields(fields), ("form-token", token)]);
            Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        }
        Assert.True(server.Received.IsEmpty, command);
    }

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task A_token_does_it_with_its_scope_and_without_it_does_not(string address, string fields, string command)
    {
        await using var server = Server();
        await using var site = await SiteAsync(server);
        await BrowserSession.AddAsync(site, "anna", AccountRole.Operator);
        var isJob = address.StartsWith("/job/", StringComparison.Ordinal) || address == Cancel;
        using var refused = await SendAsync(site, address, fields, await TokenAsync(site, isJob ? "run:other* operate" : "run:*"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Empty(server.Received);

        using var done = await SendAsync(site, address, fields, await TokenAsync(site, isJob ? "run:hel*" : "operate"));
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        var json = JsonNode.Parse(await done.Content.ReadAsStringAsync(Stop))!;
        Assert.Equal("done", json["outcome"]!.GetValue<string>());
        Assert.Equal(command, Assert.Single(server.Received).GetType().Name);
    }

    [Fact]
    public async Task A_restricted_operator_acts_on_listed_jobs_only()
    {
        await using var server = Server();
        await using var site = await SiteAsync(server);
        using var browser = await BrowserSession.OfAsync(site, AccountRole.Operator, isRestricted: true);
        await using (var database = await BuilderDatabase.OpenAsync(site.Database, Stop))
            await new UserAdministration(database).AddAccessAsync("the-operator-restricted", JobName.Parse("hello"), Stop);
        var token = ("form-token", await browser.FormTokenAsync());

        using var other = await browser.PostAsync("/job/dns-primary/run", token);
        using var platform = await browser.PostAsync("/platforms/drop", token, ("platform", "debian-12"));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (other.StatusCode, platform.StatusCode));
        Assert.Empty(server.Received);
        using var own = await browser.PostAsync("/job/hello/run", token);
        Assert.Equal(HttpStatusCode.SeeOther, own.StatusCode);

        Assert.NotNull((await browser.PageAsync("/job/hello")).QuerySelector("#act"));
        Assert.Null((await browser.PageAsync("/job/dns-primary")).QuerySelector("#act"));
        Assert.Null((await browser.PageAsync("/activity")).QuerySelector("form[action='/platforms/drop']"));
    }

    [Fact]
    public async Task The_build_servers_refusal_is_shown_and_recorded()
    {
        await using var server = Server(static _ => "job \"hello\" is not in the schedule");
        await using var site = await SiteAsync(server);
        using var browser = await BrowserSession.OfAsync(site, AccountRole.Admin);
        using var answer = await browser.SubmitAsync("/job/hello", "/job/hello/run");
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains(
            "is not in the schedule",
            WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop)),
            StringComparison.Ordinal
        );

        using var audit = new HttpRequestMessage(HttpMethod.Get, "/audit");
        audit.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(site, "admin", "the-admin"));
        using var log = await site.Http.SendAsync(audit, Stop);
        var entry = JsonNode.Parse(await log.Content.ReadAsStringAsync(Stop))!["entries"]![0]!;
        Assert.Equal(
            ("the-admin", "session", "run", "hello", "refused"),
            (
                entry["actor"]!.GetValue<string>(),
                entry["way"]!.GetValue<string>(),
                entry["action"]!.GetValue<string>(),
                entry["subject"]!.GetValue<string>(),
                entry["outcome"]!.GetValue<string>()
            )
        );
    }

    [Fact]
    public async Task Buttons_are_there_for_those_who_may_and_say_what_came_of_it()
    {
        await using var server = Server();
        await using var site = await SiteAsync(server);
        foreach (var (role, isThere) in ((AccountRole, bool)[])[(AccountRole.Uploader, false), (AccountRole.Operator, true)])
        {
            using var browser = await BrowserSession.OfAsync(site, role);
            Assert.Equal(isThere, (await browser.PageAsync("/job/hello")).QuerySelector("#act") is not null);
            var activity = await browser.PageAsync("/activity");
            foreach (var action in (string[])["/platforms/drop", "/workers/drain", Cancel])
                Assert.Equal(isThere, activity.QuerySelector($"form[action='{action}']") is not null);
        }
        using var again = new BrowserSession(site);
        (await again.SignInAsync("the-operator", "pw-the-operator")).Dispose();
        using var run = await again.SubmitAsync("/job/hello", "/job/hello/run");
        Assert.Equal("/job/hello?done=run", run.Headers.Location!.OriginalString);
        var page = await again.PageAsync("/job/hello?done=run");
        Assert.Contains("first in its queue", page.QuerySelector("[role=status]")!.TextContent, StringComparison.Ordinal);
        // Nobody else's words get onto the page by its address.
        Assert.Null((await again.PageAsync("/job/hello?done=<b>evil</b>")).QuerySelector("[role=status]"));
        Assert.DoesNotContain("id=\"act\"", await site.Http.GetStringAsync("/job/hello", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_advisory_is_dismissed_for_a_job_with_a_reason()
    {
        await using var site = await Site.FilledAsync();
        await site.IndexedAsync();
        var id = site.AddAdvisory();
        using var browser = await BrowserSession.OfAsync(site, AccountRole.Operator);
        using var answer = await browser.SubmitAsync($"/advisories/{id}", $"/advisories/{id}/dismiss", ("because", "not reachable"));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Contains(
            "not affected, because not reachable",
            await site.Http.GetStringAsync($"/advisories/{id}", Stop),
            StringComparison.Ordinal
        );
        using var uploader = await BrowserSession.OfAsync(site, AccountRole.Uploader);
        using var refused = await uploader.PostAsync(
            $"/advisories/{id}/dismiss",
            ("job", "hello"),
            ("because", "x"),
            ("form-token", await uploader.FormTokenAsync())
        );
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task Bad_input_is_named_and_done_nowhere()
    {
        await using var server = Server();
        await using var site = await SiteAsync(server);
        await BrowserSession.AddAsync(site, "anna", AccountRole.Operator);
        var token = await TokenAsync(site, "run:* operate");
        foreach (
            var (address, fields, word) in ((string, string, string)[])
                [
                    ("/job/hello/reschedule", "next=tomorrow", "tomorrow"),
                    ("/job/hello/reschedule", "next=2026-11-28T04:00:00Z&period=dayly", "dayly"),
                    ("/job/hello/run", "platform=a%2Fb", "platform"),
                    ("/platforms/drop", "", "platform"),
                    ("/workers/drain", "", "worker"),
                    ("/activity/00000000-03fc-44d9-95de-50e5e6f91479/cancel", "", "running"),
                ]
        )
        {
            using var answer = await SendAsync(site, address, fields, token);
            Assert.InRange((int)answer.StatusCode, 400, 404);
            var detail = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["detail"]!.GetValue<string>();
            Assert.Contains(word, detail, StringComparison.Ordinal);
        }
        Assert.Empty(server.Received);
    }

    internal static FakeBuildServer Server(Func<Command, string?>? act = null) =>
        new(LiveTests.Info(), LiveTests.Console) { Answers = Workers, Act = act ?? (static _ => null) };

    internal static Task<Site> SiteAsync(FakeBuildServer server) => Site.FilledAsync(options => options with { Server = server.Address });

    private static (string Name, string Value)[] Fields(string fields) =>
        [
            .. fields
                .Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(field => field.Split('='))
                .Select(pair => (pair[0], Uri.UnescapeDataString(pair[1]))),
        ];

    private static async Task<string> TokenAsync(Site site, string scopes, string user = "anna")
    {
        await using var database = await BuilderDatabase.OpenAsync(site.Database, Stop);
        Assert.True(TokenScopes.TryParse(scopes, out var parsed, out _));
        return (await new ApiTokens(database, site.Clock).MakeAsync(user, "test", parsed, TimeSpan.FromDays(1), Stop))!;
    }

    private static async Task<HttpResponseMessage> SendAsync(Site site, string address, string fields, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new StringContent(fields, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await site.Http.SendAsync(request, Stop);
    }
}

using System.Text.Json;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;

namespace Builder.Server.Tests.Connections;

public sealed class ApplyTests
{
    [Fact]
    public async Task A_schedule_that_is_applied_changes_only_what_differs()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ScheduleAsync("kept");
        await server.ScheduleAsync("gone");
        const string Jobs = """
            {"name":"kept","platform":"debian-12","script":"dHJ1ZQ=="},
            {"name":"new","opam_package":"dns","cron":"30 3 * * *","priority":2,"owner":"dns","time_limit_seconds":90}
            """;

        var planned = await AskAsync(server, $$"""{"dry_run":true,"remove_others":true,"jobs":[{{Jobs}}]}""");
        Assert.Equal(2, (await server.InfoAsync()).Schedule.Count);
        var done = await AskAsync(server, $$"""{"remove_others":true,"jobs":[{{Jobs}}]}""");
        var again = await AskAsync(server, $$"""{"remove_others":true,"jobs":[{{Jobs}}]}""");

        Assert.Equal("kept same, new added, gone removed", planned);
        Assert.Equal(planned, done);
        Assert.Equal("kept same, new same", again);
        Assert.Equal(["kept", "new"], (await server.InfoAsync()).Schedule.Select(item => item.Job.Name.ToString()).Order());
    }

    [Theory]
    [InlineData("""{"jobs":[{"name":"good","platform":"p","script":"dHJ1ZQ=="},{"name":"a/b","platform":"p","script":""}]}""", "a/b")]
    [InlineData(
        """{"jobs":[{"name":"good","platform":"p","script":"dHJ1ZQ=="},{"name":"x","platform":"p","script":"","cron":"never"}]}""",
        "cron"
    )]
    [InlineData("""{"jobs":[{"name":"x","platform":"p","script":"","cron":"0 0 30 2 *"}]}""", "never comes true")]
    [InlineData("""{"jobs":[{"name":"state","platform":"p","script":""}]}""", "kept for the server's own file")]
    [InlineData("""{"jobs":[{"name":"x","script":""}]}""", "platform")]
    [InlineData("""{"jobs":7}""", "cannot be read")]
    [InlineData("not JSON", "cannot be read")]
    public async Task Where_one_job_is_wrong_nothing_is_changed(string request, string reason)
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Contains(reason, await AskAsync(server, request), StringComparison.Ordinal);

        Assert.Empty((await server.InfoAsync()).Schedule);
    }

    [Fact]
    public async Task Expected_differences_are_a_change_of_a_job_and_told_to_the_site_also_after_a_restart()
    {
        const string Job =
            """{"jobs":[{"name":"app","platform":"p","script":"dHJ1ZQ==","expected_differences":[{"cause":"timestamp","path":"usr/**"}]}]}""";
        await using var server = await RunningServer.StartAsync();

        Assert.Equal("app added", await AskAsync(server, Job));
        Assert.Equal("app same", await AskAsync(server, Job));
        Assert.Equal("app changed", await AskAsync(server, Job.Replace("usr/**", "usr/*", StringComparison.Ordinal)));
        await server.StopAsync();
        await server.StartAgainAsync();

        Assert.Equal(
            """{"jobs":[{"job":"app","expected_differences":[{"cause":"timestamp","path":"usr/*"}]}]}""",
            await RequestAsync(server, "policies", "{}")
        );
    }

    [Fact]
    public async Task A_rule_for_publication_is_told_to_the_site_also_after_a_restart()
    {
        const string Job =
            """{"jobs":[{"name":"app","platform":"p","script":"dHJ1ZQ==","publish":{"when":"reproduced","by":2,"independent":true}}]}""";
        await using var server = await RunningServer.StartAsync();

        Assert.Equal("app added", await AskAsync(server, Job));
        Assert.Equal("app same", await AskAsync(server, Job));
        await server.StopAsync();
        await server.StartAgainAsync();

        Assert.Equal(
            """{"jobs":[{"job":"app","expected_differences":[],"publish":{"when":"reproduced","by":2,"independent":true}}]}""",
            await RequestAsync(server, "policies", "{}")
        );
        Assert.Equal("app changed", await AskAsync(server, Job.Replace("\"by\":2", "\"by\":3", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"when":"reproduced","by":0}""", "by \"0\" is not a number from 1 to 100")]
    [InlineData("""{"when":"often"}""", "when \"often\" is not known")]
    [InlineData("""{"when":"built","by":2}""", "by and independent go with when: reproduced")]
    [InlineData("""{"when":"reproduced","independent":"maybe"}""", "neither true nor false")]
    [InlineData("7", "publish is an object")]
    public async Task A_rule_for_publication_that_cannot_be_is_refused(string rule, string reason)
    {
        await using var server = await RunningServer.StartAsync();
        var answer = await AskAsync(server, $$"""{"jobs":[{"name":"app","platform":"p","script":"","publish":{{rule}}}]}""");
        Assert.Contains(reason, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("code", "x", "changed instructions always count")]
    [InlineData("weather", "x", "cause \"weather\" is unknown")]
    [InlineData("timestamp", "", "1 to 255 characters")]
    public async Task Differences_that_cannot_be_expected_are_refused(string cause, string path, string reason)
    {
        await using var server = await RunningServer.StartAsync();
        var answer = await AskAsync(
            server,
            $$"""{"jobs":[{"name":"app","platform":"p","script":"","expected_differences":[{"cause":"{{cause}}","path":"{{path}}"}]}]}"""
        );
        Assert.Contains(reason, answer, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(RunningServer server, string request)
    {
        var answer = await RequestAsync(server, "apply", request);
        if (!answer.StartsWith('['))
            return answer;
        using var changes = JsonDocument.Parse(answer);
        return string.Join(
            ", ",
            changes
                .RootElement.EnumerateArray()
                .Select(change => $"{change.GetProperty("job").GetString()} {change.GetProperty("change").GetString()}")
        );
    }

    /// <returns>The answer, or the reason of the refusal.</returns>
    private static async Task<string> RequestAsync(RunningServer server, string verb, string request)
    {
        using var client = await server.ConnectAsync(PeerKind.Client, ProtocolVersion.ExtendedClient);
        await client.SendAsync(new Command.PeerIdentity(ByteString.Empty, ByteString.Empty));
        Assert.Equal(new Command.Success(), await client.ReceiveAsync());
        await client.SendAsync(new Command.Request(ByteString.FromUtf8(verb), ByteString.FromUtf8(request)));
        switch (await client.ReceiveAsync())
        {
            case Command.Failure(var reason):
                return reason.ToString();
            case Command.Answer(var body):
                Assert.Equal(new Command.Success(), await client.ReceiveAsync());
                return body.ToString();
            case var other:
                throw new Xunit.Sdk.XunitException($"{other}");
        }
    }
}

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

    private static async Task<string> AskAsync(RunningServer server, string request)
    {
        using var client = await server.ConnectAsync(PeerKind.Client, ProtocolVersion.ExtendedClient);
        await client.SendAsync(new Command.PeerIdentity(ByteString.Empty, ByteString.Empty));
        Assert.Equal(new Command.Success(), await client.ReceiveAsync());
        await client.SendAsync(new Command.Request(ByteString.FromUtf8("apply"), ByteString.FromUtf8(request)));
        switch (await client.ReceiveAsync())
        {
            case Command.Failure(var reason):
                return reason.ToString();
            case Command.Answer(var body):
                Assert.Equal(new Command.Success(), await client.ReceiveAsync());
                using (var changes = JsonDocument.Parse(body.Memory))
                    return string.Join(
                        ", ",
                        changes
                            .RootElement.EnumerateArray()
                            .Select(change => $"{change.GetProperty("job").GetString()} {change.GetProperty("change").GetString()}")
                    );
            case var other:
                Assert.Fail($"{other}");
                return "";
        }
    }
}

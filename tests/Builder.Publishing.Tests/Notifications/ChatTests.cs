using System.Text.Json;
using Builder.Protocol.Values;
using Builder.Publishing.Channels;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;

namespace Builder.Publishing.Tests.Notifications;

public sealed class ChatTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private static readonly OutboxEvent Failed = new(
        7,
        "build.failed/7",
        EventKind.BuildFailed,
        "web <!channel> @all [x](y)",
        "debian-12",
        BuildUuid.Parse("4e467a04-af65-4b95-9a98-d426445e1feb"),
        """{"version":1,"result":"failed (exit code 1)","previous":{"build":"x","main_binary":{"sha256":"00"}}}""",
        new DateTimeOffset(2026, 11, 27, 4, 0, 0, TimeSpan.Zero)
    );

    [Fact]
    public async Task Slack_gets_text_in_which_nobody_is_called()
    {
        var (request, json) = await SendAsync(static target => target, TargetKind.Slack);

        var text = json.GetProperty("text").GetString()!;
        Assert.Equal("/hook", request.Path);
        Assert.StartsWith(":red_circle: <https://builds.example.org/job/", text, StringComparison.Ordinal);
        Assert.Contains("&lt;!channel&gt; @\u2060all [x] (y) failed on debian-12>", text, StringComparison.Ordinal);
        Assert.EndsWith("failed (exit code 1)\nThe build before it succeeded", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ntfy_gets_a_title_and_a_priority()
    {
        var (request, json) = await SendAsync(static target => target with { Token = "tk_1" }, TargetKind.Ntfy);

        Assert.Equal(("/", "Bearer tk_1"), (request.Path, request.Headers["authorization"]));
        Assert.Equal("hook", json.GetProperty("topic").GetString());
        Assert.Equal("web <!channel> @all [x](y) failed on debian-12", json.GetProperty("title").GetString());
        Assert.Equal(4, json.GetProperty("priority").GetInt32());
    }

    [Fact]
    public async Task Matrix_gets_a_notice_under_an_id_that_stays()
    {
        var (request, json) = await SendAsync(static target => target with { Token = "mx", Room = "!a:example.org" }, TargetKind.Matrix);

        Assert.Equal("PUT", request.Method);
        Assert.Equal($"/_matrix/client/v3/rooms/%21a%3Aexample.org/send/m.room.message/{CloudEvent.IdOf(Failed)}", request.Path);
        Assert.Equal("m.notice", json.GetProperty("msgtype").GetString());
        Assert.Contains("web &lt;!channel&gt; @all", json.GetProperty("formatted_body").GetString(), StringComparison.Ordinal);
        Assert.Equal("{}", json.GetProperty("m.mentions").GetRawText());
    }

    [Theory]
    [InlineData(TargetKind.GitHub, $"/repos/example/web/statuses/{Commit}", "failure", "authorization", "Bearer t")]
    [InlineData(TargetKind.Forgejo, $"/api/v1/repos/example/web/statuses/{Commit}", "failure", "authorization", "token t")]
    [InlineData(TargetKind.GitLab, $"/api/v4/projects/example%2Fweb/statuses/{Commit}", "failed", "private-token", "t")]
    public async Task A_forge_gets_the_status_of_the_commit(TargetKind kind, string path, string state, string header, string value)
    {
        var (request, json) = await SendAsync(
            static target =>
                target with
                {
                    Address = new Uri(target.Address, "/"),
                    Token = "t",
                    Repositories = [new("web*", "example/web")],
                },
            kind,
            new SourceRevision("example/web", Commit)
        );

        Assert.Equal((path, value), (request.Path, request.Headers[header]));
        Assert.Equal(state, json.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("web*", "example/other")]
    [InlineData("docs*", "example/web")]
    public async Task A_job_cannot_speak_about_a_repository_that_is_not_its_own(string jobs, string repository)
    {
        await using var receiver = new Receiver();
        using var channel = Outbox.Channel(
            Outbox.Target(receiver.Address, TargetKind.GitHub) with
            {
                Token = "t",
                Repositories = [new AllowedRepository(jobs, repository)],
            },
            revision: new SourceRevision("example/web", Commit)
        );

        Assert.Equal(Delivery.Done, await channel.SendAsync([Failed], TestContext.Current.CancellationToken));

        Assert.Empty(receiver.Requests);
    }

    [Theory]
    [InlineData($"example/web\n{Commit}\n", true)]
    [InlineData($"example/web\n{Commit}", true)]
    [InlineData("example/web\n../../x\n", false)]
    [InlineData($"example/web\n{Commit}\nmore\n", false)]
    [InlineData("", false)]
    public void Only_a_repository_and_a_commit_are_a_revision(string text, bool isOne) =>
        Assert.Equal(isOne, SourceRevision.Parse(text) is not null);

    private static async Task<(Received Request, JsonElement Json)> SendAsync(
        Func<NotificationTarget, NotificationTarget> change,
        TargetKind kind,
        SourceRevision? revision = null
    )
    {
        await using var receiver = new Receiver();
        using var channel = Outbox.Channel(change(Outbox.Target(receiver.Address, kind)), revision: revision);
        Assert.Equal(Delivery.Done, await channel.SendAsync([Failed], TestContext.Current.CancellationToken));
        var request = Assert.Single(receiver.Requests);
        return (request, JsonDocument.Parse(request.Body).RootElement);
    }
}

using System.Net.ServerSentEvents;
using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Web.Live;

namespace Builder.Web.Tests;

public sealed class ChangesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_follows_the_site_is_told_of_a_change_within_a_fifth_of_a_second()
    {
        await using var site = await Site.FilledAsync();
        using var answer = await site.Http.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        await using var stream = await answer.Content.ReadAsStreamAsync(Stop);
        var events = SseParser.Create(stream).EnumerateAsync(Stop).GetAsyncEnumerator(Stop);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("hello", events.Current.EventType);

        var changes = (SiteChanges)site.Web.Services.GetService(typeof(SiteChanges))!;
        changes.Raise();

        Assert.True(await events.MoveNextAsync());
        Assert.Equal("change", events.Current.EventType);
        Assert.Equal(1, changes.Followers);
    }

    [Fact]
    public void Jobs_that_wait_are_placed_by_what_earlier_builds_took()
    {
        var now = Timestamp.From(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
        var info = new ServerInfo(
            [],
            [
                new PlatformQueue(ByteString.FromUtf8("p"), [Job("a"), Job("b"), Job("new"), Job("a")]),
                new PlatformQueue(ByteString.FromUtf8("none"), [Job("a")]),
            ],
            [new RunningJob(now + TimeSpan.FromMinutes(-4), BuildUuid.NewRandom(), Job("a"))],
            []
        );
        var activity = new ActivitySnapshot(info, null)
        {
            Workers = new ServerWorkers([new ServerWorker("w1", "p", null, "a"), new ServerWorker("w2", "p", null, null)], 0, null),
        };
        var usual = new Dictionary<(string, string), TimeSpan>
        {
            [("a", "p")] = TimeSpan.FromMinutes(10),
            [("b", "p")] = TimeSpan.FromMinutes(3),
        };

        var forecast = QueueForecast.Of(activity, usual, now);

        // One worker is free now, the other in six minutes; what was never built takes a worker for an unknown time.
        Assert.Equal(
            [(1, "a", 0, 10), (2, "b", 6, 9), (3, "new", 9, null), (4, "a", 10, 20), (1, "a", null, null)],
            forecast.Waiting.Select(one => (one.Position, one.Job, Minutes(one.Start), Minutes(one.End)))
        );
        Assert.Equal("no worker is connected", forecast.Waiting[4].Reason);
        Assert.Equal(TimeSpan.FromMinutes(10), forecast.Usual(info.Running[0]));

        int? Minutes(Timestamp? time) => time is { } known ? (int)(known - now).TotalMinutes : null;
    }

    private static ScriptJob Job(string name) => new(ByteString.FromUtf8(name), ByteString.FromUtf8("p"), ByteString.FromUtf8("make"));
}

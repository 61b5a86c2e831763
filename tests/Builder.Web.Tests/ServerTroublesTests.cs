using Builder.Protocol.Messages;
using Builder.Protocol.Values;
using Builder.Storage.Database;
using Builder.Storage.Leases;
using Builder.Storage.Outbox;
using Builder.Web.Live;
using Builder.Web.Options;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Web.Tests;

/// <summary>Workers that went away and queues without workers become events, once.</summary>
public sealed class ServerTroublesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private readonly ServerTroubles troubles = new();

    [Fact]
    public void A_worker_that_is_away_for_five_minutes_is_lost_once_and_again_when_it_came_back()
    {
        Assert.Empty(Look(0, ["w1", "w2"]));
        Assert.Empty(Look(4, ["w2"]));
        var lost = Assert.Single(Look(5, ["w2"]));
        Assert.Equal((EventKind.WorkerLost, "p"), (lost.Kind, lost.Platform));
        Assert.Contains("\"worker\":\"w1\"", lost.Data, StringComparison.Ordinal);
        Assert.Empty(Look(20, ["w2"]));

        Assert.Empty(Look(21, ["w1", "w2"]));
        Assert.Equal(["worker.lost"], Look(26, ["w2"]).Select(one => one.Kind));
    }

    [Fact]
    public void A_drained_worker_and_a_server_that_was_away_are_no_news()
    {
        Assert.Empty(Look(0, ["w1", "w2"]));
        Assert.Empty(Look(6, ["w2"], drained: ["w1"]));
        Assert.Empty(Look(30, [], isContinuous: false));
        Assert.Empty(Look(34, []));
        Assert.Single(Look(35, []));
        Assert.Empty(troubles.Look(new ServerInfo([], [Queue("p", 1)], [], []), null, true, Start.AddDays(1)));
    }

    [Fact]
    public void A_queue_without_workers_is_told_of_once_until_one_comes()
    {
        Assert.Empty(Look(0, [], waiting: 2));
        Assert.Empty(Look(14, [], waiting: 2));
        var stuck = Assert.Single(Look(15, [], waiting: 3));
        Assert.Equal((EventKind.QueueStuck, "p"), (stuck.Kind, stuck.Platform));
        Assert.Contains("\"waiting\":3", stuck.Data, StringComparison.Ordinal);
        Assert.Empty(Look(60, [], waiting: 3));

        Assert.Empty(Look(61, ["w1"], waiting: 3));
        Assert.Empty(Look(62, ["w1"], waiting: 3));
        Assert.Equal(["worker.lost"], Look(70, [], waiting: 3).Select(one => one.Kind));
        Assert.Equal(["queue.stuck"], Look(85, [], waiting: 3).Select(one => one.Kind));
    }

    [Fact]
    public void A_platform_that_takes_no_jobs_is_no_news()
    {
        var info = new ServerInfo([], [Queue("p", 1)], [], [ByteString.FromUtf8("p")]);
        Assert.Empty(troubles.Look(info, Workers([], []), true, Start));
        Assert.Empty(troubles.Look(info, Workers([], []), true, Start.AddHours(1)));
    }

    [Fact]
    public async Task What_the_site_finds_at_its_build_server_stands_in_the_outbox()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var server = new FakeBuildServer(new ServerInfo([], [Queue("p", 2)], [], []), [])
        {
            Answers = new Dictionary<string, string> { ["workers"] = """{"workers":[],"held_jobs":0,"hold_reason":null}""" },
        };
        await using var site = await Site.EmptyAsync();
        await using var database = await BuilderDatabase.OpenAsync(site.Database, stop);
        var clock = new FakeTimeProvider(Start);
        var options = new WebOptions { DataDirectory = site.DataDirectory };
        using var watch = new ServerWatch(
            BuildServer.Parse(server.Address, options),
            database,
            WorkLeases.OfOneProcess(database),
            clock,
            NullLogger<ServerWatch>.Instance
        );

        await watch.LookAsync(stop);
        clock.Advance(ServerTroubles.MinWait);
        await watch.LookAsync(stop);

        await using var session = await database.OpenReadAsync(stop);
        var stuck = Assert.Single(await OutboxEvents.AfterAsync(session, 0, 10, stop));
        Assert.Equal((EventKind.QueueStuck, "p"), (stuck.Kind, stuck.Platform));
    }

    private IReadOnlyList<NewEvent> Look(
        int minute,
        string[] connected,
        int waiting = 0,
        string[]? drained = null,
        bool isContinuous = true
    ) =>
        troubles.Look(
            new ServerInfo([], [Queue("p", waiting)], [], []),
            Workers(connected, drained ?? []),
            isContinuous,
            Start.AddMinutes(minute)
        );

    private static ServerWorkers Workers(string[] connected, string[] drained) =>
        new([.. connected.Select(static name => new ServerWorker($"{name} at 10.0.0.1", "p", null, null) { StableName = name })], 0, null)
        {
            Drained = drained,
        };

    private static PlatformQueue Queue(string platform, int jobs) =>
        new(
            ByteString.FromUtf8(platform),
            [
                .. Enumerable
                    .Range(0, jobs)
                    .Select(number => new ScriptJob(
                        ByteString.FromUtf8($"job-{number}"),
                        ByteString.FromUtf8(platform),
                        ByteString.FromUtf8("make")
                    )),
            ]
        );
}

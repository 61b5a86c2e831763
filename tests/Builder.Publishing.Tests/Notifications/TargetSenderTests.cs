using System.Text.Json;
using Builder.Publishing.Notifications;
using Builder.Publishing.Targets;
using Builder.Storage.Outbox;
using Microsoft.Extensions.Time.Testing;

namespace Builder.Publishing.Tests.Notifications;

public sealed class TargetSenderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_arrive_in_order_once_each()
    {
        await using var outbox = await Outbox.CreateAsync();
        await using var receiver = new Receiver();
        using var sending = new Sending(outbox, Outbox.Target(receiver.Address));
        await sending.DrainAsync();
        await outbox.AddAsync(450);

        await sending.DrainAsync();

        Assert.Equal(Enumerable.Range(1, 450), receiver.Requests.Select(Number));
        Assert.Equal((450L, null), (await sending.StateAsync() is var state ? state.Delivered : 0, state.Problem));
    }

    [Fact]
    public async Task With_several_at_once_the_events_of_a_job_stay_in_order()
    {
        await using var outbox = await Outbox.CreateAsync();
        await using var receiver = new Receiver();
        using var sending = new Sending(outbox, Outbox.Target(receiver.Address) with { Parallel = 4 });
        await sending.DrainAsync();
        for (var round = 0; round < 20; round++)
        {
            foreach (var job in (string[])["a", "b", "c", "d", "e"])
                await outbox.AddAsync(1, job);
        }

        await sending.DrainAsync();

        Assert.Equal(100, receiver.Requests.Count);
        foreach (var job in receiver.Requests.GroupBy(one => Json(one).GetProperty("subject").GetString()))
            Assert.Equal(job.Select(Number).Order(), job.Select(Number));
    }

    [Fact]
    public async Task One_that_is_refused_is_set_aside_and_the_next_ones_go_on()
    {
        await using var outbox = await Outbox.CreateAsync();
        await using var receiver = new Receiver { Answer = one => Number(one) == 2 ? 400 : 200 };
        using var sending = new Sending(outbox, Outbox.Target(receiver.Address));
        await sending.DrainAsync();
        await outbox.AddAsync(3);

        await sending.DrainAsync();

        Assert.Equal([1, 2, 3], receiver.Requests.Select(Number));
        var letter = Assert.Single(await sending.LettersAsync());
        Assert.Equal((2L, "HTTP status 400"), (letter.Event, letter.Problem));

        receiver.Answer = _ => 200;
        Assert.Equal(1, await DeadLetters.RetryAsync(outbox.Database, "t", null, Stop));
        await sending.DrainAsync();
        Assert.Equal([1, 2, 3, 2], receiver.Requests.Select(Number));
        Assert.Empty(await sending.LettersAsync());
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(302)]
    public async Task What_passes_is_tried_again_with_growing_pauses(int status)
    {
        await using var outbox = await Outbox.CreateAsync();
        await using var receiver = new Receiver { Answer = _ => status };
        using var sending = new Sending(outbox, Outbox.Target(receiver.Address));
        await sending.DrainAsync();
        await outbox.AddAsync(2);

        var pauses = new List<double>();
        for (var attempt = 0; attempt < 4; attempt++)
        {
            var pause = (await sending.StepAsync())!.Value;
            pauses.Add(pause.TotalSeconds);
            // Not before its time.
            Assert.NotEqual(TimeSpan.Zero, await sending.StepAsync());
            sending.Clock.Advance(pause);
        }

        Assert.Equal([1, 1, 1, 1], receiver.Requests.Select(Number));
        Assert.All(receiver.Requests, one => Assert.Equal("/hook", one.Path));
        Assert.InRange(pauses[0], 4, 6);
        Assert.InRange(pauses[3], 108, 162);
        Assert.StartsWith($"HTTP status {status}", (await sending.StateAsync()).Problem, StringComparison.Ordinal);
        receiver.Answer = _ => 200;
        await sending.DrainAsync();
        Assert.Equal([1, 1, 1, 1, 1, 2], receiver.Requests.Select(Number));
        Assert.Null((await sending.StateAsync()).Problem);
    }

    [Fact]
    public async Task After_three_days_of_failure_what_is_as_old_is_set_aside()
    {
        await using var outbox = await Outbox.CreateAsync();
        await using var receiver = new Receiver { Answer = _ => 500 };
        using var sending = new Sending(outbox, Outbox.Target(receiver.Address));
        await sending.DrainAsync();
        await outbox.AddAsync(3);
        var began = sending.Clock.GetUtcNow();

        while (sending.Clock.GetUtcNow() - began < TimeSpan.FromDays(3) - TimeSpan.FromHours(2))
            sending.Clock.Advance((await sending.StepAsync())!.Value);
        Assert.Empty(await sending.LettersAsync());
        while ((await sending.LettersAsync()).Count == 0)
            sending.Clock.Advance((await sending.StepAsync())!.Value);

        Assert.InRange(sending.Clock.GetUtcNow() - began, TimeSpan.FromDays(3), TimeSpan.FromDays(3.2));
        Assert.Equal([3L, 2L, 1L], (await sending.LettersAsync()).Select(one => one.Event));
        Assert.InRange(receiver.Requests.Count, 60, 100);
    }

    [Fact]
    public async Task Only_what_the_filter_names_is_sent()
    {
        await using var outbox = await Outbox.CreateAsync();
        await using var receiver = new Receiver();
        var target = Outbox.Target(receiver.Address) with { Filter = new EventFilter([EventKind.BuildFailed], ["web-*"], ["debian-*"]) };
        using var sending = new Sending(outbox, target);
        await sending.DrainAsync();
        await outbox.AddAsync(1, "web-a", EventKind.BuildStored);
        await outbox.AddAsync(1, "hello", EventKind.BuildFailed);
        await outbox.AddAsync(1, "web-b", EventKind.BuildFailed);

        await sending.DrainAsync();

        Assert.Equal([3], receiver.Requests.Select(Number));
        Assert.Equal((3L, 1L), (await sending.StateAsync() is var state ? state.Position : 0, state.Delivered));
    }

    private static int Number(Received one) => Json(one).GetProperty("data").GetProperty("number").GetInt32();

    private static JsonElement Json(Received one) => JsonDocument.Parse(one.Body).RootElement;

    /// <summary>A sender whose clock the test moves.</summary>
    private sealed class Sending : IDisposable
    {
        private readonly Outbox outbox;
        private readonly Builder.Publishing.Channels.Channel channel;
        private readonly TargetSender sender;

        public Sending(Outbox outbox, NotificationTarget target)
        {
            this.outbox = outbox;
            Clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddSeconds(1));
            channel = Outbox.Channel(target);
            sender = new TargetSender(outbox.Database, target, channel, "test", Clock);
        }

        public FakeTimeProvider Clock { get; }

        public Task<TimeSpan?> StepAsync() => sender.StepAsync(Stop);

        /// <summary>Until nothing can be sent now.</summary>
        public async Task DrainAsync()
        {
            while (await StepAsync() == TimeSpan.Zero)
            {
                // Another window.
            }
        }

        public async Task<TargetState> StateAsync()
        {
            await using var session = await outbox.Database.OpenReadAsync(Stop);
            return (await OutboxTargets.FindAsync(session, "t", Clock.GetUtcNow(), Stop))!;
        }

        public async Task<List<DeadLetter>> LettersAsync()
        {
            await using var session = await outbox.Database.OpenReadAsync(Stop);
            return await DeadLetters.ListAsync(session, 100, Stop);
        }

        public void Dispose() => channel.Dispose();
    }
}

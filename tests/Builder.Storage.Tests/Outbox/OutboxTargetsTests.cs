using Builder.Storage.Database;
using Builder.Storage.Outbox;

namespace Builder.Storage.Tests.Outbox;

public sealed class OutboxTargetsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task One_process_at_a_time_sends_and_only_it_notes_progress(DatabaseEngine engine)
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        await AddAsync(database, 3);

        Assert.Equal(3, (await TakeAsync("first", Noon))!.Position);
        await AddAsync(database, 2);
        Assert.Null(await TakeAsync("second", Noon.AddSeconds(59)));
        Assert.True(await AdvanceAsync("first", 4, Noon.AddSeconds(59)));

        // Noting renews the lease; once it is over another one goes on, and the first can note nothing more.
        Assert.Null(await TakeAsync("second", Noon.AddSeconds(118)));
        Assert.Equal(4, (await TakeAsync("second", Noon.AddSeconds(120)))!.Position);
        Assert.False(await AdvanceAsync("first", 5, Noon.AddSeconds(121)));
        Assert.True(await AdvanceAsync("second", 5, Noon.AddSeconds(121)));

        await OutboxTargets.ReleaseAsync(database, "second", Stop);
        var state = await TakeAsync("first", Noon.AddSeconds(122));
        Assert.Equal((5, 2L), (state!.Position, state.Delivered));

        Task<TargetState?> TakeAsync(string owner, DateTimeOffset now) => OutboxTargets.TakeAsync(database, "t", owner, now, Lease, Stop);

        Task<bool> AdvanceAsync(string owner, long position, DateTimeOffset now) =>
            OutboxTargets.AdvanceAsync(database, "t", owner, new TargetProgress(position, 1, [], HasAnswered: true), now, Lease, Stop);
    }

    [Theory]
    [InlineData(DatabaseEngine.Sqlite)]
    [InlineData(DatabaseEngine.PostgreSql)]
    public async Task What_was_set_aside_is_listed_sent_again_or_dropped(DatabaseEngine engine)
    {
        using var folder = await DataFolder.NewestAsync(engine);
        await using var database = await folder.OpenAsync();
        await OutboxTargets.TakeAsync(database, "t", "me", Noon, Lease, Stop);
        await AddAsync(database, 3);
        var progress = new TargetProgress(3, 1, [(1, "HTTP status 400"), (3, "HTTP status 410")], HasAnswered: true);
        Assert.True(await OutboxTargets.AdvanceAsync(database, "t", "me", progress, Noon, Lease, Stop));

        await using (var session = await database.OpenReadAsync(Stop))
        {
            var letters = await DeadLetters.ListAsync(session, 10, Stop);
            Assert.Equal([(3L, "HTTP status 410"), (1L, "HTTP status 400")], letters.Select(one => (one.Event, one.Problem)));
            Assert.Empty(await DeadLetters.DueAsync(session, "t", 10, Stop));
        }
        Assert.Equal(1, await DeadLetters.RetryAsync(database, "t", 3, Stop));
        Assert.Equal(0, await DeadLetters.RetryAsync(database, "t", 2, Stop));
        await using (var session = await database.OpenReadAsync(Stop))
            Assert.Equal([3L], await DeadLetters.DueAsync(session, "t", 10, Stop));
        Assert.Equal(2, await DeadLetters.DropAsync(database, "t", null, Stop));

        // Nothing that a target still waits for is forgotten.
        await AddAsync(database, 1);
        Assert.Equal(3, await OutboxEvents.ForgetAsync(database, Noon.AddDays(1), Stop));
        Assert.True(await OutboxTargets.SkipAsync(database, "t", 4, Stop));
        Assert.Equal(1, await OutboxEvents.ForgetAsync(database, Noon.AddDays(1), Stop));
    }

    private static Task AddAsync(BuilderDatabase database, int count) =>
        OutboxEvents.AddAsync(
            database,
            [
                .. Enumerable
                    .Range(0, count)
                    .Select(_ => new NewEvent($"{Guid.NewGuid()}", EventKind.BuildStored, "hello", "debian-12", null, "{}")),
            ],
            Noon,
            Stop
        );
}

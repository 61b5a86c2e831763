using Builder.Protocol.Values;
using Builder.Server.Scheduling;
using Builder.Server.Shared;
using Builder.Server.State;
using Builder.Server.Tests.Scheduling;
using Builder.Server.Tests.State;
using Builder.Testing;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;

namespace Builder.Server.Tests.Shared;

/// <summary>The same events give the same state from the directory and from PostgreSQL, and only the one that serves writes any.</summary>
public sealed class PostgresJournalTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_requests_replay_to_the_same_state_from_the_directory_and_from_the_database()
    {
        await using var shared = await SharedStateFixture.CreateAsync(server);
        await Gen.Int[0, 11]
            .Select(Gen.Int[0, 5], Gen.Int[0, 200])
            .Array[1, 80]
            .SampleAsync(
                async steps =>
                {
                    var farm = ReplayTests.After(steps);
                    using var directory = new TemporaryDirectory();
                    await using (var journal = Open(directory, _ => { }))
                        await AppendAsync(journal, farm.Events);
                    await shared.ExecuteAsync("TRUNCATE server_event, server_snapshot");
                    await using (var lease = await shared.TakeAsync("one"))
                    {
                        await using var journal = await shared.JournalAsync(lease, new SchedulerState());
                        await AppendAsync(journal, farm.Events);
                    }
                    var (ofDirectory, ofDatabase) = (new SchedulerState(), new SchedulerState());
                    await using (Open(directory, ofDirectory.Apply)) { }
                    await using (var lease = await shared.TakeAsync("two"))
                    await using (await shared.JournalAsync(lease, ofDatabase)) { }
                    Assert.Equal(ReplayTests.Describe(ofDirectory), ReplayTests.Describe(ofDatabase));
                    Assert.Equal(ReplayTests.Describe(farm.Scheduler.State), ReplayTests.Describe(ofDatabase));
                },
                iter: 10,
                threads: 1
            );
    }

    [Fact]
    public async Task A_snapshot_takes_the_place_of_the_events_before_it()
    {
        await using var shared = await SharedStateFixture.CreateAsync(server);
        var farm = new SchedulerFixture();
        await using (var lease = await shared.TakeAsync("one"))
        {
            await using var journal = await shared.JournalAsync(lease, new SchedulerState());
            for (var i = 0; i < 20; i++)
                farm.Schedule($"job-{i}", Period.Daily, "debian-12");
            await AppendAsync(journal, farm.Events);
            journal.BeginSnapshot(farm.Scheduler.State.ToEvents());
            var written = farm.Events.Count;
            farm.Schedule("later", Period.Daily, "debian-12");
            await AppendAsync(journal, farm.Events.Skip(written));
        }
        Assert.Equal(1L, await shared.ExecuteAsync("SELECT count(*) FROM server_event"));
        Assert.Equal(1L, await shared.ExecuteAsync("SELECT count(*) FROM server_snapshot"));
        var state = new SchedulerState();
        await using var next = await shared.TakeAsync("two");
        await using var replayed = await shared.JournalAsync(next, state);
        Assert.Equal(ReplayTests.Describe(farm.Scheduler.State), ReplayTests.Describe(state));
    }

    [Fact]
    public async Task A_server_that_lost_its_lease_writes_nothing_any_more()
    {
        await using var shared = await SharedStateFixture.CreateAsync(server);
        await using var before = await shared.TakeAsync("before");
        await using var stale = await shared.JournalAsync(before, new SchedulerState());
        await AppendAsync(stale, Job("first"));
        await using var after = await shared.TakeAsync("after");
        var state = new SchedulerState();
        await using var journal = await shared.JournalAsync(after, state);
        // Its own clock says that the lease holds for a minute: the database knows better.
        Assert.True(before.IsHeld);
        stale.Append(Job("second")[0]);
        await Assert.ThrowsAsync<LeaseLostException>(stale.Durable);
        await Assert.ThrowsAsync<LeaseLostException>(stale.Durable);
        Assert.False(stale.IsHeld);
        Assert.Single(state.Jobs);
        Assert.Equal(1L, await shared.ExecuteAsync("SELECT count(*) FROM server_event"));
        await AppendAsync(journal, Job("third"));
        Assert.Equal(2L, await shared.ExecuteAsync("SELECT max(seq) FROM server_event"));
    }

    [Fact]
    public async Task A_statement_of_a_server_that_was_stopped_in_the_middle_of_it_does_not_keep_a_standby_waiting()
    {
        await using var shared = await SharedStateFixture.CreateAsync(server);
        await using var before = await shared.TakeAsync("before");
        await using var database = new StateDatabase(shared.Options("after"));
        var seen = await database.LookAsync(Cancellation);
        // Until its lease runs out nobody takes it.
        Assert.Null(await database.TryTakeAsync(seen, Cancellation));
        await shared.ExecuteAsync("UPDATE server_lease SET until = clock_timestamp()");
        var connection = await before.Source.OpenConnectionAsync(Cancellation);
        await connection.BeginTransactionAsync(Cancellation);
        await using (var hold = new Npgsql.NpgsqlCommand("SELECT epoch FROM server_lease FOR SHARE", connection))
            await hold.ExecuteScalarAsync(Cancellation);
        Assert.Equal(seen.Epoch + 1, await database.TryTakeAsync(seen, Cancellation));
        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(async () =>
        {
            await using var command = new Npgsql.NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(Cancellation);
        });
        await connection.CloseAsync();
    }

    [Fact]
    public async Task A_database_that_comes_back_gets_what_was_not_written()
    {
        await using var own = new PostgreSqlServer();
        await using var shared = await SharedStateFixture.CreateAsync(own);
        await using var lease = await shared.TakeAsync("one");
        await using (var journal = await shared.JournalAsync(lease, new SchedulerState()))
        {
            await AppendAsync(journal, Job("first"));
            await own.StopAsync();
            var troubled = journal.Troubled;
            journal.Append(Job("second")[0]);
            await troubled;
            Assert.NotNull(journal.Trouble);
            Assert.False(journal.Durable().IsCompleted);
            await own.StartAsync(Cancellation);
            await journal.Durable();
            Assert.Null(journal.Trouble);
        }
        Assert.Equal(2L, await shared.ExecuteAsync("SELECT count(*) FROM server_event"));
    }

    [Fact]
    public async Task A_damaged_row_is_named_and_nothing_starts()
    {
        await using var shared = await SharedStateFixture.CreateAsync(server);
        await using (var lease = await shared.TakeAsync("one"))
        {
            await using var journal = await shared.JournalAsync(lease, new SchedulerState());
            await AppendAsync(journal, Job("first"));
        }
        await shared.ExecuteAsync("UPDATE server_event SET data = set_byte(data, 20, 255 - get_byte(data, 20))");
        await using var next = await shared.TakeAsync("two");
        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => shared.JournalAsync(next, new SchedulerState()));
        Assert.Contains("server_event, row 1", exception.Message, StringComparison.Ordinal);
    }

    private static List<SchedulerEvent> Job(string name)
    {
        var farm = new SchedulerFixture();
        farm.Schedule(name, Period.Daily, "debian-12");
        return [farm.Events[0]];
    }

    private static DirectoryJournal Open(TemporaryDirectory directory, Action<SchedulerEvent> replay) =>
        DirectoryJournal.Open(directory["journal"], replay, TimeProvider.System, NullLogger.Instance);

    private static Task AppendAsync(IJournal journal, IEnumerable<SchedulerEvent> events)
    {
        foreach (var change in events)
            journal.Append(change);
        return journal.Durable();
    }
}

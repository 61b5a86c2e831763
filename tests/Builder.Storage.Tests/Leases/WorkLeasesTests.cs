using System.Collections.Concurrent;
using Builder.Storage.Database;
using Builder.Storage.Leases;
using Builder.Storage.Troubles;
using Npgsql;

namespace Builder.Storage.Tests.Leases;

/// <summary>Work that only one process on a PostgreSQL database does at a time. A process is a <see cref="WorkLeases"/> with an owner and a database of its own.</summary>
public sealed class WorkLeasesTests
{
    private const string Work = "a work";

    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_that_take_a_work_at_once_one_gets_it()
    {
        await using var fixture = await Fixture.StartAsync();
        var processes = Enumerable.Range(0, 16).Select(i => fixture.Process($"process {i}", Long)).ToList();
        var leases = await Task.WhenAll(processes.Select(process => process.TryTakeAsync(Work, Stop)));
        var held = Assert.Single(leases.OfType<WorkLease>());
        await using (var session = await fixture.Database.OpenReadAsync(Stop))
            Assert.Equal(Work, Assert.Single(await WorkLeases.ListAsync(session, Stop)).Work);

        await held.DisposeAsync();
        await using var next = await processes[7].TryTakeAsync(Work, Stop);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_goes_to_another_process_and_the_late_result_is_refused()
    {
        await using var fixture = await Fixture.StartAsync();
        var first = await fixture.Process("first", Long).TryTakeAsync(Work, Stop);
        Assert.NotNull(first);
        await fixture.WriteAsync(first, "by the first");

        // The first process is stopped for longer than its lease.
        await fixture.ExpireAsync();
        await using var second = await fixture.Process("second", Long).TryTakeAsync(Work, Stop);
        Assert.NotNull(second);
        await fixture.WriteAsync(second, "by the second");

        var refused = await Assert.ThrowsAsync<LeaseLostException>(() => fixture.WriteAsync(first, "late"));
        Assert.Equal(Work, refused.Work);
        await Assert.ThrowsAsync<LeaseLostException>(() => first.RequireNowAsync(Stop));
        // Giving back what was lost takes nothing from the holder.
        await first.DisposeAsync();
        await second.RequireNowAsync(Stop);
        Assert.Equal(["by the first", "by the second"], await fixture.ResultsAsync());
    }

    [Fact]
    public async Task A_lease_of_an_item_that_was_given_back_and_taken_again_is_another_one()
    {
        await using var fixture = await Fixture.StartAsync();
        var first = await fixture.Process("first", Long).TryTakeAsync(Work, Stop);
        await fixture.ExpireAsync();
        var second = await fixture.Process("second", Long).TryTakeAsync(Work, Stop);
        await second!.DisposeAsync();
        await using var third = await fixture.Process("third", Long).TryTakeAsync(Work, Stop);
        Assert.NotNull(third);
        await Assert.ThrowsAsync<LeaseLostException>(() => fixture.WriteAsync(first!, "late"));
        await first!.DisposeAsync();
    }

    [Fact]
    public async Task Nobody_takes_the_lease_while_a_result_is_written()
    {
        await using var fixture = await Fixture.StartAsync();
        await using var first = await fixture.Process("first", Long).TryTakeAsync(Work, Stop);
        var other = fixture.Process("second", Long);
        Task<WorkLease?>? taking = null;
        await fixture.Database.WriteAsync(
            async session =>
            {
                await first!.RequireAsync(session, Stop);
                await fixture.ExpireInAsync(session);
                taking = other.TryTakeAsync(Work, Stop);
                await fixture.WaitForLockAsync();
                Assert.False(taking.IsCompleted);
                await session.ExecuteAsync("INSERT INTO result (text) VALUES ('in time')", Stop);
            },
            Stop
        );
        await using var second = await taking!;
        Assert.NotNull(second);
        Assert.Equal(["in time"], await fixture.ResultsAsync());
    }

    [Fact]
    public async Task A_lease_is_renewed_for_as_long_as_it_is_held()
    {
        await using var fixture = await Fixture.StartAsync();
        await using var first = await fixture.Process("first", TimeSpan.FromSeconds(1)).TryTakeAsync(Work, Stop);
        await using var session = await fixture.Database.OpenReadAsync(Stop);
        var known = new HashSet<long>();
        while (known.Count < 3)
            known.Add(await session.IntegerAsync("SELECT expires FROM work_lease", Stop));
        Assert.False(first!.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_work_goes_on_in_another_process_when_the_first_loses_it()
    {
        await using var fixture = await Fixture.StartAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var duration = TimeSpan.FromSeconds(6);
        var began = new ConcurrentQueue<string>();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task RunAsync(string name) =>
            fixture
                .Process(name, duration)
                .RunAsync(
                    Work,
                    async (_, stop) =>
                    {
                        began.Enqueue(name);
                        if (began.Count == 2)
                            both.SetResult();
                        try
                        {
                            await Task.Delay(Timeout.Infinite, stop);
                        }
                        catch (OperationCanceledException) when (!end.IsCancellationRequested)
                        {
                            cancelled.TrySetResult();
                            throw;
                        }
                    },
                    end.Token
                );

        var running = new[] { RunAsync("first"), RunAsync("second") };
        while (began.IsEmpty)
            await Task.Delay(10, Stop);
        Assert.Single(began);
        // What another process does that finds the lease expired.
        await fixture.StealAsync();
        await cancelled.Task.WaitAsync(Stop);
        await fixture.ExpireAsync();
        await both.Task.WaitAsync(Stop);
        await end.CancelAsync();
        await Record.ExceptionAsync(() => Task.WhenAll(running));
    }

    [Fact]
    public async Task A_writer_that_does_nothing_within_its_transaction_is_ended_and_the_others_go_on()
    {
        await using var fixture = await Fixture.StartAsync();
        await using var stopped = await fixture.OpenAsync(pause: TimeSpan.FromMilliseconds(300));
        var other = 0;
        var failure = await Assert.ThrowsAnyAsync<Exception>(() =>
            stopped.WriteAsync(
                async session =>
                {
                    await session.ExecuteAsync("INSERT INTO result (text) VALUES ('of a stopped process')", Stop);
                    // Waits for the lock that the stopped one has until the database takes it away.
                    await fixture.Database.WriteAsync(
                        async session => other = await session.ExecuteAsync("INSERT INTO result (text) VALUES ('of another')", Stop),
                        Stop
                    );
                    await session.ExecuteAsync("INSERT INTO result (text) VALUES ('late')", Stop);
                },
                Stop
            )
        );
        Assert.IsAssignableFrom<NpgsqlException>(failure);
        Assert.Equal(TroubleKind.DatabaseUnreachable, StorageTrouble.Of(failure)?.Kind);
        Assert.Equal(1, other);
        Assert.Equal(["of another"], await fixture.ResultsAsync());
    }

    [Fact]
    public async Task With_sqlite_each_lease_is_granted_and_nothing_is_written()
    {
        using var folder = await DataFolder.NewestAsync();
        await using var database = await folder.OpenAsync();
        await LeaseTables.EnsureAsync(database, Stop);
        var leases = WorkLeases.OfOneProcess(database);
        await using var first = await leases.TryTakeAsync(Work, Stop);
        await using var second = await leases.TryTakeAsync(Work, Stop);
        Assert.NotNull(first);
        Assert.NotNull(second);
        await database.WriteAsync(session => first.RequireAsync(session, Stop), Stop);
        await using var read = await database.OpenReadAsync(Stop);
        Assert.Equal(0, await read.IntegerAsync("SELECT COUNT(*) FROM work_lease", Stop));
    }

    private sealed class Fixture : IAsyncDisposable
    {
        private readonly DataFolder folder;
        private readonly List<BuilderDatabase> databases = [];

        private Fixture(DataFolder folder, BuilderDatabase database)
        {
            this.folder = folder;
            Database = database;
        }

        public BuilderDatabase Database { get; }

        public static async Task<Fixture> StartAsync()
        {
            var folder = await DataFolder.NewestAsync(DatabaseEngine.PostgreSql);
            var database = await folder.OpenAsync();
            await LeaseTables.EnsureAsync(database, Stop);
            await database.WriteAsync(
                session => session.ExecuteAsync("CREATE TABLE result (id SERIAL PRIMARY KEY, text TEXT NOT NULL)", Stop),
                Stop
            );
            return new Fixture(folder, database);
        }

        public WorkLeases Process(string owner, TimeSpan duration) => new(Database, owner, duration);

        public async Task<BuilderDatabase> OpenAsync(TimeSpan? pause = null)
        {
            var database = await BuilderDatabase.OpenAsync(folder.Settings with { MaxWritePause = pause }, Stop);
            databases.Add(database);
            return database;
        }

        public Task WriteAsync(WorkLease lease, string text) =>
            Database.WriteAsync(
                async session =>
                {
                    await lease.RequireAsync(session, Stop);
                    await session.ExecuteAsync("INSERT INTO result (text) VALUES (@text)", Stop, ("@text", text));
                },
                Stop
            );

        public async Task<List<string>> ResultsAsync()
        {
            await using var session = await Database.OpenReadAsync(Stop);
            return await session.QueryAsync("SELECT text FROM result ORDER BY id", static row => row.Text(0), Stop);
        }

        public async Task ExpireAsync()
        {
            await using var session = await Database.OpenReadAsync(Stop);
            await ExpireInAsync(session);
        }

        public Task<int> ExpireInAsync(DatabaseSession session) => session.ExecuteAsync("UPDATE work_lease SET expires = 0", Stop);

        public async Task StealAsync()
        {
            await using var session = await Database.OpenReadAsync(Stop);
            await session.ExecuteAsync("UPDATE work_lease SET token = 'of another', expires = expires + 3600000", Stop);
        }

        /// <summary>Completes when some session waits for a lock of another.</summary>
        public async Task WaitForLockAsync()
        {
            await using var session = await Database.OpenReadAsync(Stop);
            while (
                !await session.AnyAsync(
                    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
                    Stop
                )
            )
                await Task.Delay(10, Stop);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var database in databases)
                await database.DisposeAsync();
            await Database.DisposeAsync();
            folder.Dispose();
        }
    }
}

using Builder.Server.Options;
using Builder.Server.Scheduling;
using Builder.Server.Shared;
using Builder.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Builder.Server.Tests.Shared;

/// <summary>A new database for a state, and whoever wants to serve it.</summary>
internal sealed class SharedStateFixture(string connection) : IAsyncDisposable
{
    private readonly List<StateDatabase> databases = [];

    /// <summary>For a standby that is not to wait for long.</summary>
    public static TimeSpan ShortLease { get; } = TimeSpan.FromSeconds(2);

    public string Connection { get; } = connection;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<SharedStateFixture> CreateAsync(PostgreSqlServer server)
    {
        Requirement.PostgreSql();
        return new SharedStateFixture(await server.CreateDatabaseAsync(Cancellation));
    }

    public SharedStateOptions Options(string holder, TimeSpan? leaseTime = null) =>
        new()
        {
            ConnectionString = Connection,
            Holder = holder,
            LeaseTime = leaseTime ?? TimeSpan.FromMinutes(1),
            RenewInterval = (leaseTime ?? TimeSpan.FromMinutes(1)) / 4,
            PollInterval = TimeSpan.FromMilliseconds(50),
        };

    public async Task<StateDatabase> OpenAsync(string holder, TimeSpan? leaseTime = null)
    {
        var database = new StateDatabase(Options(holder, leaseTime));
        databases.Add(database);
        await database.PrepareAsync(Cancellation);
        return database;
    }

    /// <summary>The lease; whoever had it has lost it.</summary>
    public async Task<ServerLease> TakeAsync(string holder)
    {
        await ExecuteAsync("UPDATE server_lease SET until = clock_timestamp()");
        var database = databases.Count == 0 ? await OpenAsync(holder) : databases[0];
        var epoch = await database.TryTakeAsync(await database.LookAsync(Cancellation), Cancellation);
        Assert.NotNull(epoch);
        return new ServerLease(database, epoch.Value, TimeProvider.System.GetTimestamp(), TimeProvider.System, NullLogger.Instance);
    }

    public Task<PostgresJournal> JournalAsync(ServerLease lease, SchedulerState state) =>
        PostgresJournal.OpenAsync(lease, state.Apply, TimeProvider.System, NullLogger.Instance, Cancellation);

    public async Task<object?> ExecuteAsync(string statement)
    {
        if (databases.Count == 0)
            await OpenAsync("first");
        await using var source = NpgsqlDataSource.Create(Connection + ";Pooling=false");
        await using var command = source.CreateCommand(statement);
        return await command.ExecuteScalarAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in databases)
            await database.DisposeAsync();
    }
}

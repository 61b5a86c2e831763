using System.Diagnostics.CodeAnalysis;
using Builder.Server.Scheduling;
using Builder.Server.State;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Builder.Server.Shared;

/// <summary>
/// The scheduler's events in PostgreSQL: what comes while a group is being written makes the next group, one row in one transaction that checks the
/// epoch. What it cannot write it tries again, until it can or the lease is lost.
/// </summary>
internal sealed class PostgresJournal : IJournal
{
    /// <summary>Fewer bytes of events are not worth a snapshot.</summary>
    private const long SmallestToCompact = 8 << 20;

    /// <summary>A group that is longer takes no more events. A single event may be longer.</summary>
    private const int MaxGroup = 4 << 20;

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(300);

    private readonly Lock gate = new();
    private readonly ServerLease lease;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly SemaphoreSlim added = new(0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Queue<Group> full = [];
    private readonly Task writer;
    private Group filling;
    private Group? writing;
    private long bytesSinceSnapshot;
    private long snapshotBytes;
    private Task compacting = Task.CompletedTask;
    private volatile string? trouble;
    private TaskCompletionSource troubled = NewSignal();

    private PostgresJournal(ServerLease lease, PostgresReplay replayed, TimeProvider clock, ILogger logger)
    {
        this.lease = lease;
        this.clock = clock;
        this.logger = logger;
        IsNew = replayed.Events == 0;
        bytesSinceSnapshot = replayed.EventBytes;
        snapshotBytes = replayed.SnapshotBytes;
        filling = new Group(replayed.LastSequence + 1);
        writer = WriteAsync();
    }

    public bool IsNew { get; }

    public bool IsShared => true;

    public bool IsHeld => lease.IsHeld;

    public string? Trouble => lease.IsHeld ? trouble : lease.Exception().Message;

    public Task Troubled => Volatile.Read(ref troubled).Task;

    public Action? WritesAgain { get; set; }

    public bool WantsSnapshot
    {
        get
        {
            lock (gate)
                return compacting.IsCompleted && bytesSinceSnapshot > Math.Max(SmallestToCompact, 2 * snapshotBytes);
        }
    }

    /// <summary>Reads the state; the lease must be held.</summary>
    /// <exception cref="InvalidDataException">A row is damaged, or from a later version.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public static async Task<PostgresJournal> OpenAsync(
        ServerLease lease,
        Action<SchedulerEvent> replay,
        TimeProvider clock,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        var started = clock.GetTimestamp();
        var replayed = new PostgresReplay(lease.Source, replay);
        await replayed.RunAsync(cancellationToken);
        logger.SharedStateRead(replayed.Events, (long)clock.GetElapsedTime(started).TotalMilliseconds);
        return new PostgresJournal(lease, replayed, clock, logger);
    }

    public void Append(SchedulerEvent change)
    {
        lock (gate)
        {
            filling.Events.Add(change);
            if (filling.Events.Length > MaxGroup)
                EndGroup();
        }
        added.Release();
    }

    public Task Durable()
    {
        lock (gate)
            return filling.Events.Length > 0 ? filling.Done.Task : full.LastOrDefault()?.Done.Task ?? writing?.Done.Task ?? LeaseTask();
    }

    public void BeginSnapshot(IReadOnlyList<SchedulerEvent> state)
    {
        lock (gate)
        {
            if (filling.Events.Length > 0)
                EndGroup();
            var before = full.LastOrDefault()?.Done.Task ?? writing?.Done.Task ?? Task.CompletedTask;
            var last = filling.Sequence - 1;
            bytesSinceSnapshot = 0;
            compacting = Task.Run(() => WriteSnapshotAsync(last, state, before));
        }
        added.Release();
    }

    public async ValueTask DisposeAsync()
    {
        if (lease.IsHeld)
            await Task.WhenAll(Durable(), compacting)
                .WaitAsync(TimeSpan.FromSeconds(5), clock)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stopping.CancelAsync();
        await writer;
        await compacting;
        stopping.Dispose();
        added.Dispose();
    }

    /// <summary>There is nothing to write, but what was written counts only for the one that may serve.</summary>
    private Task LeaseTask() => lease.IsHeld ? Task.CompletedTask : Task.FromException(lease.Exception());

    private void EndGroup()
    {
        full.Enqueue(filling);
        filling = new Group(filling.Sequence + 1);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whoever waits must hear of each error.")]
    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                await added.WaitAsync(stopping.Token);
                while (NextGroup() is { } group)
                {
                    await WriteAsync(group);
                    group.Done.SetResult();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            FailRest(new LeaseLostException("this server stops"));
        }
        catch (Exception exception)
        {
            lease.Lose(exception.Message);
            FailRest(exception as LeaseLostException ?? new LeaseLostException(exception.Message));
        }
    }

    private void FailRest(LeaseLostException exception)
    {
        lock (gate)
        {
            foreach (var group in full.Append(filling).Prepend(writing).OfType<Group>())
                group.Done.TrySetException(exception);
            troubled.TrySetResult();
        }
    }

    private Group? NextGroup()
    {
        lock (gate)
        {
            writing = null;
            if (full.Count == 0 && filling.Events.Length > 0)
                EndGroup();
            full.TryDequeue(out writing);
            bytesSinceSnapshot += writing?.Events.Length ?? 0;
            return writing;
        }
    }

    /// <exception cref="LeaseLostException">Another server may have taken over; whether the group was written is not known.</exception>
    private async Task WriteAsync(Group group)
    {
        while (true)
        {
            lease.ThrowIfLost();
            try
            {
                if (await TryWriteAsync(group))
                {
                    EndTrouble();
                    return;
                }
                // The lease has run out, but nobody has taken it: it may be renewed yet.
            }
            catch (Exception exception) when (ServerLease.IsTrouble(exception) && !stopping.IsCancellationRequested)
            {
                if (trouble is null)
                    logger.DatabaseTrouble(exception.Message);
                trouble = $"the database of the state: {exception.Message}";
                Volatile.Read(ref troubled).TrySetResult();
            }
            await Task.Delay(RetryPause, clock, stopping.Token);
        }
    }

    private async Task<bool> TryWriteAsync(Group group)
    {
        await using (
            var write = lease.Source.CreateCommand(
                """
                WITH held AS (
                    SELECT epoch
                    FROM server_lease
                    WHERE id = 1 AND epoch = $1 AND until > clock_timestamp()
                    FOR SHARE)
                INSERT INTO server_event (seq, epoch, format, crc, data)
                SELECT $2, epoch, $3, $4, $5
                FROM held
                ON CONFLICT (seq) DO NOTHING
                """
            )
        )
        {
            write.Parameters.Add(new NpgsqlParameter<long> { TypedValue = lease.Epoch });
            write.Parameters.Add(new NpgsqlParameter<long> { TypedValue = group.Sequence });
            write.Parameters.Add(new NpgsqlParameter<int> { TypedValue = JournalRecord.Version });
            write.Parameters.Add(new NpgsqlParameter<long> { TypedValue = group.Events.Checksum });
            write.Parameters.Add(StateDatabase.Bytes(group.Events.Bytes));
            if (await write.ExecuteNonQueryAsync(stopping.Token) == 1)
                return true;
        }
        // Either the lease is gone, or an earlier try was written and its answer lost.
        await using var look = lease.Source.CreateCommand(
            """
            SELECT server_lease.epoch, server_event.epoch, server_event.crc
            FROM server_lease
            LEFT JOIN server_event ON server_event.seq = $1
            WHERE server_lease.id = 1
            """
        );
        look.Parameters.Add(new NpgsqlParameter<long> { TypedValue = group.Sequence });
        await using var reader = await look.ExecuteReaderAsync(stopping.Token);
        if (!await reader.ReadAsync(stopping.Token) || reader.GetInt64(0) != lease.Epoch)
            throw new LeaseLostException("another server has taken over");
        if (reader.IsDBNull(1))
            return false;
        return reader.GetInt64(1) == lease.Epoch && reader.GetInt64(2) == group.Events.Checksum
            ? true
            : throw new LeaseLostException(
                $"server_event has another row {group.Sequence}: the database was restored while this server ran"
            );
    }

    private void EndTrouble()
    {
        if (trouble is null)
            return;
        logger.DatabaseIsBack();
        trouble = null;
        Volatile.Write(ref troubled, NewSignal());
        WritesAgain?.Invoke();
    }

    private async Task WriteSnapshotAsync(long sequence, IReadOnlyList<SchedulerEvent> state, Task before)
    {
        try
        {
            await before;
            var snapshot = new PostgresSnapshot(lease, sequence);
            var length = await snapshot.WriteAsync(state, stopping.Token);
            lock (gate)
                snapshotBytes = length;
        }
        catch (Exception exception) when (exception is LeaseLostException || ServerLease.IsTrouble(exception))
        {
            // The older snapshot and the events hold everything still.
            logger.NoSharedSnapshot(exception.Message);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is written at once.</summary>
    private sealed class Group(long sequence)
    {
        public long Sequence { get; } = sequence;

        public EventGroup Events { get; } = new();

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

using Builder.Server.Scheduling;
using Builder.Server.State;
using Npgsql;

namespace Builder.Server.Shared;

/// <summary>
/// A whole state in rows of bounded length, each written by itself under the lease; the last one makes it count. Then the events before it go.
/// </summary>
/// <param name="sequence">Of the last group of events that it holds.</param>
internal sealed class PostgresSnapshot(ServerLease lease, long sequence)
{
    private const int MaxPart = 4 << 20;

    /// <returns>Its length in bytes.</returns>
    /// <exception cref="LeaseLostException">Another server has taken over.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached.</exception>
    public async Task<long> WriteAsync(IReadOnlyList<SchedulerEvent> state, CancellationToken cancellationToken)
    {
        // Left by a try that did not come to its end.
        await RemoveAsync("server_snapshot WHERE seq = $2 AND epoch = $1", cancellationToken);
        long length = 0;
        var part = 0;
        var group = new EventGroup();
        foreach (var change in state)
        {
            group.Add(change);
            if (group.Length < MaxPart)
                continue;
            await WriteAsync(group, part++, isLast: false, cancellationToken);
            length += group.Length;
            group = new EventGroup();
        }
        await WriteAsync(group, part, isLast: true, cancellationToken);
        await RemoveAsync("server_event WHERE seq <= $2", cancellationToken);
        await RemoveAsync("server_snapshot WHERE (seq < $2 OR (seq = $2 AND epoch <> $1))", cancellationToken);
        return length + group.Length;
    }

    private async Task WriteAsync(EventGroup group, int part, bool isLast, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            WITH held AS (
                SELECT epoch
                FROM server_lease
                WHERE id = 1 AND epoch = $1 AND until > clock_timestamp()
                FOR SHARE)
            INSERT INTO server_snapshot (seq, epoch, part, is_last, format, crc, data)
            SELECT $2, epoch, $3, $4, $5, $6, $7
            FROM held
            """
        );
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = part });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = isLast });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = JournalRecord.Version });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = group.Checksum });
        command.Parameters.Add(StateDatabase.Bytes(group.Bytes));
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
            throw new LeaseLostException("another server has taken over");
    }

    /// <summary>What a whole snapshot holds is not needed a second time. It keeps no lock on the lease: there may be much to remove.</summary>
    private async Task RemoveAsync(string rows, CancellationToken cancellationToken)
    {
        await using var command = Command(
            $"DELETE FROM {rows} AND EXISTS (SELECT 1 FROM server_lease WHERE id = 1 AND server_lease.epoch = $1)"
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string statement)
    {
        lease.ThrowIfLost();
        var command = lease.Source.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = lease.Epoch });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = sequence });
        return command;
    }
}

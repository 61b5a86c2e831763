using System.Globalization;
using Builder.Server.Scheduling;
using Npgsql;

namespace Builder.Server.Shared;

/// <summary>Reads the state from its newest whole snapshot on.</summary>
internal sealed class PostgresReplay(NpgsqlDataSource source, Action<SchedulerEvent> replay)
{
    public long Events { get; private set; }

    /// <summary>Of groups since the snapshot.</summary>
    public long EventBytes { get; private set; }

    public long SnapshotBytes { get; private set; }

    /// <summary>Of the last group; 0 where there is none.</summary>
    public long LastSequence { get; private set; }

    /// <exception cref="InvalidDataException">A row is damaged, missing, or from a later version.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await FindSnapshotAsync(cancellationToken) is var (sequence, epoch))
            await ReadSnapshotAsync(sequence, epoch, cancellationToken);
        await using var command = source.CreateCommand(
            """
            SELECT seq, format, crc, data
            FROM server_event
            WHERE seq > $1
            ORDER BY seq
            """
        );
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LastSequence });
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var next = reader.GetInt64(0);
            if (next != LastSequence + 1)
                throw new InvalidDataException(
                    $"server_event: row {LastSequence + 1} is missing, and {next} is there; restore the database from a backup"
                );
            var data = reader.GetFieldValue<byte[]>(3);
            Events += EventGroup.Replay(
                string.Create(CultureInfo.InvariantCulture, $"server_event, row {next}"),
                data,
                reader.GetInt64(2),
                reader.GetInt32(1),
                replay
            );
            EventBytes += data.Length;
            LastSequence = next;
        }
    }

    private async Task<(long Sequence, long Epoch)?> FindSnapshotAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            SELECT seq, epoch
            FROM server_snapshot
            WHERE is_last
            ORDER BY seq DESC, epoch DESC
            LIMIT 1
            """
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    private async Task ReadSnapshotAsync(long sequence, long epoch, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            SELECT part, format, crc, data
            FROM server_snapshot
            WHERE seq = $1 AND epoch = $2
            ORDER BY part
            """
        );
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = sequence });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = epoch });
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        for (var part = 0; await reader.ReadAsync(cancellationToken); part++)
        {
            var where = string.Create(CultureInfo.InvariantCulture, $"server_snapshot, row {sequence}/{epoch}/{part}");
            if (reader.GetInt32(0) != part)
                throw new InvalidDataException($"{where} is missing; restore the database from a backup");
            var data = reader.GetFieldValue<byte[]>(3);
            Events += EventGroup.Replay(where, data, reader.GetInt64(2), reader.GetInt32(1), replay);
            SnapshotBytes += data.Length;
        }
        LastSequence = sequence;
    }
}

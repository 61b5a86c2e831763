using System.Buffers;
using Builder.Posix;
using Builder.Server.Files;
using Builder.Server.Options;
using Builder.Server.Records;
using Builder.Server.Scheduling;
using Builder.Server.State;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Builder.Server.Shared;

/// <summary>Moves the state of a server that is stopped between its directory and PostgreSQL, and compares what arrived with what was there.</summary>
public sealed class StateCopy(ServerOptions options, TimeProvider clock, ILoggerFactory loggers)
{
    private readonly ILogger logger = loggers.CreateLogger("server");
    private readonly ServerDirectory directory = new(options.Directory, options.SpoolDirectory);
    private readonly SharedStateOptions shared =
        options.SharedState ?? throw new ArgumentException("there is no shared state", nameof(options));

    /// <returns>What was copied and what stays behind, in lines for the operator.</returns>
    /// <exception cref="IOException">The directory or the database cannot be used, a server uses them, or the database holds a state already.</exception>
    /// <exception cref="InvalidDataException">The state cannot be read, or what arrived is not what was there.</exception>
    public Task<IReadOnlyList<string>> ToDatabaseAsync(CancellationToken cancellationToken) =>
        WithBothAsync(
            async lease =>
            {
                var state = new SchedulerState();
                await using (var journal = DirectoryJournal.Open(directory.Journal, state.Apply, clock, logger))
                {
                    if (journal.IsNew)
                        throw new IOException($"there is no state in {directory.Path}: its journal is empty");
                }
                await using (var copy = await PostgresJournal.OpenAsync(lease, _ => { }, clock, logger, cancellationToken))
                {
                    if (!copy.IsNew)
                        throw new IOException("the database holds a state already; give an empty database");
                    await WriteAsync(copy, state);
                }
                using (await SharedKey.OpenAsync(lease, directory, cancellationToken))
                {
                    // This server's own, where the database had none.
                }
                var arrived = new SchedulerState();
                await new PostgresReplay(lease.Source, arrived.Apply).RunAsync(cancellationToken);
                Compare(state, arrived);
                return Report(state, $"the journal in {directory.Journal} stays as it is: do not start a server with it any more");
            },
            cancellationToken
        );

    /// <returns>What was copied and what stays behind, in lines for the operator.</returns>
    /// <exception cref="IOException">The directory or the database cannot be used, a server uses them, or the directory holds a state already.</exception>
    /// <exception cref="InvalidDataException">The state cannot be read, or what arrived is not what was there.</exception>
    public Task<IReadOnlyList<string>> ToDirectoryAsync(CancellationToken cancellationToken) =>
        WithBothAsync(
            async lease =>
            {
                var state = new SchedulerState();
                var read = new PostgresReplay(lease.Source, state.Apply);
                await read.RunAsync(cancellationToken);
                if (read.Events == 0)
                    throw new IOException("there is no state in the database");
                await CopyKeyAsync(lease, cancellationToken);
                await using (var copy = DirectoryJournal.Open(directory.Journal, _ => { }, clock, logger))
                {
                    if (!copy.IsNew)
                        throw new IOException($"{directory.Path} holds a state already; give another directory with --dir");
                    await WriteAsync(copy, state);
                }
                var arrived = new SchedulerState();
                await using (DirectoryJournal.Open(directory.Journal, arrived.Apply, clock, logger))
                {
                    // Its opening reads it.
                }
                Compare(state, arrived);
                return Report(state, "the state in the database stays as it is: do not start a server with it any more");
            },
            cancellationToken
        );

    private async Task<IReadOnlyList<string>> WithBothAsync(
        Func<ServerLease, Task<IReadOnlyList<string>>> copy,
        CancellationToken cancellationToken
    )
    {
        await using var directoryLock = ServerDirectoryLock.Take(directory);
        await using var database = new StateDatabase(shared);
        try
        {
            await database.PrepareAsync(cancellationToken);
            var seen = await database.LookAsync(cancellationToken);
            var before = clock.GetTimestamp();
            if (seen.IsCurrent || await database.TryTakeAsync(seen, cancellationToken) is not { } epoch)
                throw new IOException($"\"{seen.Holder}\" serves the state in the database; stop that server first");
            await using var lease = new ServerLease(database, epoch, before, clock, logger);
            try
            {
                return await copy(lease);
            }
            finally
            {
                await lease.ReleaseAsync();
            }
        }
        catch (LeaseLostException exception)
        {
            throw new IOException($"the state was not copied: {exception.Message}", exception);
        }
        catch (NpgsqlException exception)
        {
            throw new IOException($"the database of --state cannot be used: {exception.Message}", exception);
        }
    }

    private static async Task WriteAsync(IJournal journal, SchedulerState state)
    {
        foreach (var change in state.ToEvents())
            journal.Append(change);
        await journal.Durable();
    }

    private async Task CopyKeyAsync(ServerLease lease, CancellationToken cancellationToken)
    {
        if (await SharedKey.FindAsync(lease, cancellationToken) is not { } pem)
            return;
        if (File.Exists(directory.RecordKey) && await File.ReadAllTextAsync(directory.RecordKey, cancellationToken) != pem)
            throw new IOException($"{directory.RecordKey} is another key than the one in the database; give another directory with --dir");
        PrivateFiles.CreateDirectory(directory.Path);
        DurableFiles.Replace(directory.RecordKey, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(pem)));
        ServerKey.Open(directory).Dispose();
    }

    private static void Compare(SchedulerState there, SchedulerState arrived)
    {
        if (!Encoded(there).SequenceEqual(Encoded(arrived), StringComparer.Ordinal))
            throw new InvalidDataException("the copy is not what was there; nothing uses it yet: remove it and copy again");
    }

    private static IEnumerable<string> Encoded(SchedulerState state) =>
        state
            .ToEvents()
            .Select(change =>
            {
                var bytes = new ArrayBufferWriter<byte>();
                new EventWriter(bytes).Write(change);
                return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes.WrittenSpan));
            })
            .Order(StringComparer.Ordinal);

    private List<string> Report(SchedulerState state, string left)
    {
        List<string> lines =
        [
            $"copied: {state.Jobs.Count} jobs, {state.Queues.Values.Sum(queue => queue.Count)} queued, {state.Leases.Count} running, "
                + $"{state.Dropped.Count} dropped platforms, {state.Spool.Count} builds that wait for upload",
            left,
        ];
        if (state.Spool.Count > 0)
            lines.Add(
                $"the builds that wait for upload are in {directory.Spool}: a server uploads them that has this directory as --dir or --spool"
            );
        return lines;
    }
}

using System.Threading.Channels;
using Builder.Posix;
using Builder.Proof.Keys;
using Builder.Proof.Log;

namespace Builder.Publishing.TransparencyLog;

/// <summary>
/// The one that adds to a log. What arrives while a batch is written goes into the next one, so that many callers share one sync. An entry that is in the log
/// already keeps its place. Only one process can have a log open.
/// </summary>
public sealed class LogSequencer : IAsyncDisposable
{
    private readonly LogSettings settings;
    private readonly Ed25519SigningKey key;
    private readonly List<DirectoryLock> locks;
    private readonly Channel<Request> requests = Channel.CreateBounded<Request>(1024);
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource stopping = new();
    private readonly PublishedLog published;
    private readonly Task running;

    private LogWriter? writer;
    private volatile SignedCheckpoint checkpoint;

    private LogSequencer(LogSettings settings, Ed25519SigningKey key, List<DirectoryLock> locks, LogWriter writer)
    {
        this.settings = settings;
        this.key = key;
        this.locks = locks;
        this.writer = writer;
        checkpoint = writer.Checkpoint;
        published = new PublishedLog(settings.Directory);
        Key = new NoteKey(settings.Origin, NoteKeyKind.Ed25519, key.PublicKey);
        running = Task.Run(RunAsync);
    }

    /// <summary>What checks this log's checkpoints.</summary>
    public NoteKey Key { get; }

    /// <summary>What was published last.</summary>
    public SignedCheckpoint Checkpoint => checkpoint;

    /// <param name="key">Of the log; stays the caller's.</param>
    /// <exception cref="LogException">Another process has the log open, or its files must not be continued; the message says what to do.</exception>
    public static async Task<LogSequencer> OpenAsync(LogSettings settings, Ed25519SigningKey key, CancellationToken cancellationToken)
    {
        if (!NoteSignature.IsName(settings.Origin))
            throw new LogException($"\"{settings.Origin}\" cannot name a log: use the host name of the site");
        PrivateFiles.CreateDirectory(settings.StateDirectory);
        new LogFiles(settings.Directory).Create();
        var locks = new List<DirectoryLock>();
        try
        {
            foreach (var directory in (string[])[settings.StateDirectory, settings.Directory])
                locks.Add(
                    DirectoryLock.TryTakeAlone(directory)
                        ?? throw new LogException($"another process adds to the log in {directory}; end it first")
                );
            return new LogSequencer(settings, key, locks, await LogRecovery.OpenAsync(settings, key, cancellationToken));
        }
        catch
        {
            locks.ForEach(static held => held.Dispose());
            throw;
        }
    }

    /// <summary>
    /// Adds entries and returns their places, in their order, once they are on the disk and in the published checkpoint. Where it is cancelled or fails, the
    /// entries may be in the log or not: adding them again is safe.
    /// </summary>
    /// <exception cref="ArgumentException">An entry is empty or longer than 65,535 bytes.</exception>
    /// <exception cref="LogException">The log cannot be written at present.</exception>
    public async Task<IReadOnlyList<long>> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> leaves, CancellationToken cancellationToken)
    {
        if (leaves.Any(static leaf => leaf.Length is 0 or > EntryBundle.MaxEntryLength))
            throw new ArgumentException($"an entry of the log has between 1 and {EntryBundle.MaxEntryLength} bytes", nameof(leaves));
        var places = new List<long>(leaves.Count);
        foreach (var part in leaves.Chunk(settings.MaxBatch))
        {
            var request = new Request(
                part,
                new TaskCompletionSource<ArraySegment<long>>(TaskCreationOptions.RunContinuationsAsynchronously)
            );
            await requests.Writer.WriteAsync(request, cancellationToken);
            places.AddRange(await request.Places.Task.WaitAsync(cancellationToken));
        }
        return places;
    }

    /// <summary>That the entry is in the log, against the checkpoint that was published last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The log has no such entry.</exception>
    public ValueTask<TlogProof> ProofAsync(long index, CancellationToken cancellationToken) =>
        published.ProveAsync(index, checkpoint, cancellationToken);

    /// <summary>That the published checkpoint continues one of <paramref name="oldSize"/> entries.</summary>
    public ValueTask<IReadOnlyList<Analysis.Values.Sha256Digest>> ConsistencyAsync(
        long oldSize,
        SignedCheckpoint signed,
        CancellationToken cancellationToken
    ) => new TileTree(published.Files, signed.Size).ProveConsistencyAsync(oldSize, cancellationToken);

    /// <summary>Publishes witnesses' signatures below the checkpoint. False: a newer one was published meanwhile.</summary>
    public async Task<bool> KeepAsync(
        SignedCheckpoint signed,
        IReadOnlyList<NoteSignature> cosignatures,
        CancellationToken cancellationToken
    )
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            if (writer?.Keep(signed, cosignatures) != true)
                return false;
            checkpoint = writer.Checkpoint;
            return true;
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>What was asked for before is still added.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!requests.Writer.TryComplete())
            return;
        await running;
        await stopping.CancelAsync();
        stopping.Dispose();
        try
        {
            writer?.Settle();
        }
        finally
        {
            writer?.Dispose();
            locks.ForEach(static held => held.Dispose());
            writing.Dispose();
        }
    }

    private async Task RunAsync()
    {
        while (await requests.Reader.WaitToReadAsync())
        {
            var batch = new List<Request>();
            var count = 0;
            while (count < settings.MaxBatch && requests.Reader.TryRead(out var request))
            {
                batch.Add(request);
                count += request.Leaves.Count;
            }
            await WriteAsync(batch);
        }
    }

    private async Task WriteAsync(List<Request> batch)
    {
        await writing.WaitAsync();
        try
        {
            writer ??= await LogRecovery.OpenAsync(settings, key, stopping.Token);
            var places = await writer.AddAsync([.. batch.SelectMany(static request => request.Leaves)], stopping.Token);
            checkpoint = writer.Checkpoint;
            var begin = 0;
            foreach (var request in batch)
            {
                request.Places.SetResult(new ArraySegment<long>(places, begin, request.Leaves.Count));
                begin += request.Leaves.Count;
            }
        }
        catch (Exception exception)
        {
            // Whatever was half done, the next batch begins by making it whole from the journal.
            writer?.Dispose();
            writer = null;
            var failure =
                exception as LogException
                ?? new LogException($"cannot write the log in {settings.Directory}: {exception.Message}", exception);
            foreach (var request in batch)
                request.Places.SetException(failure);
        }
        finally
        {
            writing.Release();
        }
    }

    private sealed record Request(IReadOnlyList<ReadOnlyMemory<byte>> Leaves, TaskCompletionSource<ArraySegment<long>> Places);
}

using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Builder.Posix;
using Builder.Server.Files;
using Builder.Server.Scheduling;
using Microsoft.Extensions.Logging;

namespace Builder.Server.State;

/// <summary>
/// The scheduler's events on disk, appended in order and synced in groups: whoever awaits <see cref="Durable"/> knows that all that was
/// appended before lasts. A thread of its own writes; when it cannot (the disk is full), it tries again until it can.
/// </summary>
internal sealed class DirectoryJournal : IJournal
{
    /// <summary>A log shorter than this is not worth a snapshot.</summary>
    private const long SmallestLogToCompact = 8 * 1024 * 1024;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly object gate = new();
    private readonly JournalFiles files;
    private readonly ILogger logger;
    private readonly ArrayBufferWriter<byte> scratch = new();
    private readonly Thread writer;
    private readonly CancellationTokenSource stopping = new();
    private readonly Queue<Batch> full = [];
    private Batch filling;
    private Batch? writing;
    private LogFile log;
    private long logNumber;
    private long logLength;
    private long lengthAfterSnapshot;
    private Task compacting = Task.CompletedTask;
    private volatile string? trouble;
    private TaskCompletionSource troubled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DirectoryJournal(JournalFiles files, long logNumber, LogFile log, ulong salt, JournalReplay replayed, ILogger logger)
    {
        IsNew = replayed.Events == 0;
        this.files = files;
        this.logNumber = logNumber;
        this.log = log;
        this.logger = logger;
        logLength = replayed.LogBytes;
        lengthAfterSnapshot = replayed.SnapshotBytes;
        filling = new Batch(logNumber, salt, log.End);
        writer = new Thread(WriteBatches) { IsBackground = true, Name = "journal" };
        writer.Start();
    }

    public bool IsNew { get; }

    public string? Trouble => trouble;

    public Task Troubled => Volatile.Read(ref troubled).Task;

    public Action? WritesAgain { get; set; }

    public bool IsShared => false;

    public bool IsHeld => true;

    /// <summary>Opens the journal, made if absent, and replays what it holds.</summary>
    /// <exception cref="InvalidDataException">A file is damaged elsewhere than at its end, missing, or from a later version; nothing was changed.</exception>
    public static DirectoryJournal Open(string directory, Action<SchedulerEvent> replay, TimeProvider clock, ILogger logger)
    {
        PrivateFiles.CreateDirectory(directory);
        var files = new JournalFiles(directory);
        var started = clock.GetTimestamp();
        var replayed = new JournalReplay(files, replay, logger);
        replayed.Run();
        var number = Math.Max(replayed.LastLog, 1);
        var log = replayed.LastLogHeader is null
            ? BeginLog(files, ref number, replayed, out var salt)
            : GoOn(files, number, replayed, out salt);
        DurableFiles.SyncDirectory(directory);
        files.RemoveOlderThan(files.Snapshots().LastOrDefault());
        logger.Replayed(replayed.Events, (long)clock.GetElapsedTime(started).TotalMilliseconds);
        return new DirectoryJournal(files, number, log, salt, replayed, logger);
    }

    public void Append(SchedulerEvent change)
    {
        lock (gate)
        {
            JournalRecord.Write(filling.Bytes, scratch, change, filling.Salt, filling.Start + filling.Bytes.WrittenCount, filling.Start);
            Monitor.Pulse(gate);
        }
    }

    public Task Durable()
    {
        lock (gate)
            return filling.Bytes.WrittenCount > 0
                ? filling.Done.Task
                : full.LastOrDefault()?.Done.Task ?? writing?.Done.Task ?? Task.CompletedTask;
    }

    public bool WantsSnapshot
    {
        get
        {
            lock (gate)
                return compacting.IsCompleted && logLength > Math.Max(SmallestLogToCompact, 2 * lengthAfterSnapshot);
        }
    }

    /// <summary>
    /// Starts a new log, and writes a snapshot before it in the background. Nothing may be appended between the making of
    /// <paramref name="state"/> and this call.
    /// </summary>
    public void BeginSnapshot(IReadOnlyList<SchedulerEvent> state)
    {
        lock (gate)
        {
            logNumber++;
            logLength = 0;
            // What is appended from now on belongs into the new log: it starts a batch of its own.
            var last = filling;
            last.NextLog = logNumber;
            last.NextSalt = NewSalt();
            full.Enqueue(last);
            filling = new Batch(logNumber, last.NextSalt, JournalFileHeader.Size);
            Monitor.Pulse(gate);
            var number = logNumber;
            var logStarted = last.Done.Task;
            compacting = Task.Run(() => WriteSnapshotAsync(number, state, logStarted));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Durable().WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            stopping.Cancel();
            Monitor.PulseAll(gate);
        }
        await Task.Run(writer.Join);
        await compacting;
        Close();
        stopping.Dispose();
    }

    /// <summary>Says that nothing was being written: then damage to the last record is damage.</summary>
    private void Close()
    {
        try
        {
            if (trouble is null)
                log.Append(JournalRecord.Mark(EventKind.Closed, 0, filling.Salt, log.End));
        }
        catch (IOException exception)
        {
            logger.CannotWrite(exception.Message);
        }
        log.Dispose();
    }

    private static LogFile GoOn(JournalFiles files, long number, JournalReplay replayed, out ulong salt)
    {
        salt = replayed.LastLogHeader!.Value.Salt;
        return new LogFile(files.LogPath(number), replayed.LastLogEnd);
    }

    private static LogFile BeginLog(JournalFiles files, ref long number, JournalReplay replayed, out ulong salt)
    {
        var previousEnd = replayed.PreviousEnd;
        if (replayed.LastLogEnd > 0)
        {
            // A log of an earlier version is left as it is, but for what was cut off.
            new LogFile(files.LogPath(number++), replayed.LastLogEnd).Dispose();
            previousEnd = replayed.LastLogEnd;
        }
        salt = NewSalt();
        return LogFile.Begin(files.LogPath(number), new JournalFileHeader(salt, number, previousEnd));
    }

    private static ulong NewSalt() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private void WriteBatches()
    {
        while (NextBatch() is { } batch)
        {
            while (!TryWrite(batch))
            {
                if (stopping.Token.WaitHandle.WaitOne(RetryPause))
                {
                    batch.Done.SetException(new IOException($"the journal was not written: {trouble}"));
                    return;
                }
            }
            batch.Done.SetResult();
        }
    }

    private Batch? NextBatch()
    {
        lock (gate)
        {
            writing = null;
            while (full.Count == 0 && filling.Bytes.WrittenCount == 0)
            {
                if (stopping.IsCancellationRequested)
                    return null;
                Monitor.Wait(gate);
            }
            if (!full.TryDequeue(out writing))
            {
                writing = filling;
                filling = new Batch(writing.Log, writing.Salt, writing.Start + writing.Bytes.WrittenCount);
            }
            logLength += writing.NextLog == writing.Log ? writing.Bytes.WrittenCount : 0;
            return writing;
        }
    }

    private bool TryWrite(Batch batch)
    {
        try
        {
            // A batch that was written, but whose new log could not be begun, comes again.
            if (!batch.IsWritten)
                log.Append(batch.Bytes.WrittenSpan);
            batch.IsWritten = true;
            if (batch.NextLog != batch.Log)
                StartLog(batch.NextLog, batch.NextSalt);
            if (trouble is not null)
                EndTrouble();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (trouble is null)
                logger.CannotWrite(exception.Message);
            trouble = exception.Message;
            troubled.TrySetResult();
            return false;
        }
    }

    private void EndTrouble()
    {
        logger.WritesAgain();
        trouble = null;
        Volatile.Write(ref troubled, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        WritesAgain?.Invoke();
    }

    private void StartLog(long number, ulong salt)
    {
        var next = LogFile.Begin(files.LogPath(number), new JournalFileHeader(salt, number, log.End));
        DurableFiles.SyncDirectory(files.Directory);
        log.Dispose();
        log = next;
    }

    private async Task WriteSnapshotAsync(long number, IReadOnlyList<SchedulerEvent> state, Task logStarted)
    {
        try
        {
            await logStarted;
            long length = 0;
            DurableFiles.Replace(files.SnapshotPath(number), stream => length = Snapshot.Write(stream, number, state, NewSalt()));
            lock (gate)
                lengthAfterSnapshot = length;
            files.RemoveOlderThan(number);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The older snapshot and both logs hold everything still.
            logger.NoSnapshot(exception.Message);
        }
    }

    /// <summary>What is written and synced at once.</summary>
    private sealed class Batch(long log, ulong salt, long start)
    {
        public long Log { get; } = log;

        public ulong Salt { get; } = salt;

        /// <summary>Where in the log it begins.</summary>
        public long Start { get; } = start;

        public ulong NextSalt { get; set; }

        /// <summary>The log that goes on after this batch.</summary>
        public long NextLog { get; set; } = log;

        public bool IsWritten { get; set; }

        public ArrayBufferWriter<byte> Bytes { get; } = new();

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

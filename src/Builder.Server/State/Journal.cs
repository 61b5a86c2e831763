using System.Buffers;
using Builder.Server.Scheduling;
using Microsoft.Extensions.Logging;

namespace Builder.Server.State;

/// <summary>
/// The scheduler's events on disk, appended in order and synced in groups: whoever awaits <see cref="Durable"/> knows that all that was
/// appended before lasts. A thread of its own writes; when it cannot (the disk is full), it tries again until it can.
/// </summary>
internal sealed class Journal : IAsyncDisposable
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

    private Journal(JournalFiles files, long logNumber, LogFile log, bool isNew, ILogger logger)
    {
        IsNew = isNew;
        this.files = files;
        this.logNumber = logNumber;
        this.log = log;
        this.logger = logger;
        logLength = log.End;
        filling = new Batch(logNumber);
        writer = new Thread(WriteBatches) { IsBackground = true, Name = "journal" };
        writer.Start();
    }

    /// <summary>True where nothing was ever written to it.</summary>
    public bool IsNew { get; }

    /// <summary>Why nothing can be written at present, or null.</summary>
    public string? Trouble => trouble;

    /// <summary>Done when something could not be written, until it can again.</summary>
    public Task Troubled => Volatile.Read(ref troubled).Task;

    /// <summary>Called when the trouble is over.</summary>
    public Action? WritesAgain { get; set; }

    /// <summary>Opens the journal, made if absent, and replays what it holds.</summary>
    /// <exception cref="InvalidDataException">A file is damaged elsewhere than at its end, or from a later version.</exception>
    public static Journal Open(string directory, Action<SchedulerEvent> replay, TimeProvider clock, ILogger logger)
    {
        Directory.CreateDirectory(directory);
        var files = new JournalFiles(directory);
        var started = clock.GetTimestamp();
        long events = 0;
        var snapshot = files.Snapshots().LastOrDefault();
        if (snapshot > 0)
            ReadWhole(files.SnapshotPath(snapshot), Count, mayHaveRoom: false);
        var logs = files.Logs().Where(log => log >= snapshot).ToArray();
        foreach (var number in logs.SkipLast(1))
            ReadWhole(files.LogPath(number), Count, mayHaveRoom: true);
        var last = logs.Length > 0 ? logs[^1] : Math.Max(snapshot, 1);
        var log = OpenLast(files.LogPath(last), Count, logger);
        DurableFiles.SyncDirectory(directory);
        files.RemoveOlderThan(snapshot);
        logger.Replayed(events, (long)clock.GetElapsedTime(started).TotalMilliseconds);
        return new Journal(files, last, log, isNew: events == 0, logger);

        void Count(SchedulerEvent change)
        {
            events++;
            replay(change);
        }
    }

    public void Append(SchedulerEvent change)
    {
        lock (gate)
        {
            JournalRecord.Write(filling.Bytes, scratch, change);
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Done when all that was appended so far is on disk.</summary>
    public Task Durable()
    {
        lock (gate)
            return filling.Bytes.WrittenCount > 0 ? filling.Done.Task : full.LastOrDefault()?.Done.Task ?? writing?.Done.Task ?? Task.CompletedTask;
    }

    /// <summary>True when the log has grown well past what a snapshot would take.</summary>
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
            full.Enqueue(last);
            filling = new Batch(logNumber);
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
        log.Dispose();
        stopping.Dispose();
    }

    /// <param name="mayHaveRoom">A log that was not closed in order has zeros after its last record.</param>
    private static void ReadWhole(string path, Action<SchedulerEvent> found, bool mayHaveRoom)
    {
        using var stream = File.OpenRead(path);
        var whole = JournalRecord.ReadAll(stream, found);
        if (whole != stream.Length && !(mayHaveRoom && EndOfContent(stream, whole) == whole))
            throw new InvalidDataException($"{path} is damaged at byte {whole} of {stream.Length}; restore it, or the whole directory, from a backup");
    }

    private static LogFile OpenLast(string path, Action<SchedulerEvent> found, ILogger logger)
    {
        long whole = 0;
        if (File.Exists(path))
        {
            using var stream = File.OpenRead(path);
            whole = JournalRecord.ReadAll(stream, found);
            var end = EndOfContent(stream, whole);
            if (whole < end)
                KeepTorn(stream, path, whole, end, logger);
        }
        return new LogFile(path, whole);
    }

    /// <summary>Where the zeros at the end begin, at <paramref name="from"/> or later.</summary>
    private static long EndOfContent(FileStream stream, long from)
    {
        var buffer = new byte[64 * 1024];
        var end = from;
        stream.Position = from;
        while (stream.Read(buffer) is > 0 and var count)
        {
            var last = buffer.AsSpan(0, count).LastIndexOfAnyExcept((byte)0);
            if (last >= 0)
                end = stream.Position - count + last + 1;
        }
        return end;
    }

    /// <summary>For whoever wants to look into it. Nobody was told that it is saved: a full disk must not stop the start for it.</summary>
    private static void KeepTorn(FileStream stream, string path, long whole, long end, ILogger logger)
    {
        var copy = path + ".torn";
        try
        {
            stream.Position = whole;
            using var kept = File.Create(copy);
            stream.CopyTo(kept);
            kept.SetLength(end - whole);
            logger.TornTail(path, end - whole, copy);
        }
        catch (IOException error)
        {
            logger.TornTailNotKept(path, end - whole, error.Message);
        }
    }

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
                filling = new Batch(writing.Log);
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
                StartLog(batch.NextLog);
            if (trouble is not null)
                EndTrouble();
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (trouble is null)
                logger.CannotWrite(error.Message);
            trouble = error.Message;
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

    private void StartLog(long number)
    {
        var next = new LogFile(files.LogPath(number), length: 0);
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
            DurableFiles.Replace(files.SnapshotPath(number), stream => length = WriteAll(stream, state));
            lock (gate)
                lengthAfterSnapshot = length;
            files.RemoveOlderThan(number);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The older snapshot and both logs hold everything still.
            logger.NoSnapshot(error.Message);
        }
    }

    private static long WriteAll(Stream stream, IReadOnlyList<SchedulerEvent> state)
    {
        var scratch = new ArrayBufferWriter<byte>();
        var output = new ArrayBufferWriter<byte>(128 * 1024);
        long length = 0;
        foreach (var change in state)
        {
            JournalRecord.Write(output, scratch, change);
            if (output.WrittenCount < 64 * 1024)
                continue;
            stream.Write(output.WrittenSpan);
            length += output.WrittenCount;
            output.ResetWrittenCount();
        }
        stream.Write(output.WrittenSpan);
        return length + output.WrittenCount;
    }

    /// <summary>What is written and synced at once.</summary>
    private sealed class Batch(long log)
    {
        public long Log { get; } = log;

        /// <summary>The log that goes on after this batch.</summary>
        public long NextLog { get; set; } = log;

        public bool IsWritten { get; set; }

        public ArrayBufferWriter<byte> Bytes { get; } = new();

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

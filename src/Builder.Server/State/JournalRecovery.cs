using System.Globalization;
using System.Security.Cryptography;
using Builder.Posix;
using Builder.Server.Files;
using Builder.Server.Scheduling;

namespace Builder.Server.State;

/// <summary>Reads a damaged journal record by record, says what can be saved, and writes that as a new journal beside the kept old files.</summary>
/// <param name="say">Gets each line of the report.</param>
internal sealed class JournalRecovery(JournalFiles files, Action<string> say)
{
    private readonly SchedulerState state = new();
    private long saved;
    private long damaged;
    private long lostBytes;
    private long unfit;

    /// <summary>What is left when all that can be read is applied.</summary>
    public SchedulerState State => state;

    /// <summary>True where a record is damaged, missing, or does not fit any more.</summary>
    public bool HasLoss => damaged + unfit > 0;

    /// <summary>Reads all files; changes nothing.</summary>
    /// <exception cref="InvalidDataException">A later version wrote a file: that program has to recover it.</exception>
    public void Read()
    {
        var snapshot = files.Snapshots().LastOrDefault();
        if (snapshot > 0)
            ReadFile(files.SnapshotPath(snapshot), isLast: false);
        var logs = files.Logs().Where(log => log >= snapshot).ToArray();
        var expected = Math.Max(snapshot, 1);
        foreach (var log in logs)
        {
            for (; expected < log; expected++)
                Lose($"{files.LogPath(expected)}: missing", 0);
            ReadFile(files.LogPath(log), isLast: log == logs[^1]);
            expected++;
        }
        say($"{saved} records can be saved, {damaged} places are damaged ({lostBytes} bytes), {unfit} records do not fit what is left");
        say(
            $"saved: {state.Jobs.Count} jobs, {state.Queues.Values.Sum(queue => queue.Count)} queued, {state.Leases.Count} running, "
                + $"{state.Dropped.Count} dropped platforms, {state.Spool.Count} builds that wait for upload"
        );
    }

    /// <summary>Makes what was read the journal, and keeps all files that were there.</summary>
    /// <returns>The directory that keeps them.</returns>
    /// <exception cref="IOException">The disk is full, for example; the old files are still the journal.</exception>
    public string Write(TimeProvider clock)
    {
        var kept = Path.Combine(
            files.Directory,
            "damaged-" + clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)
        );
        PrivateFiles.CreateDirectory(kept);
        foreach (var path in Directory.GetFiles(files.Directory))
            CopyDurably(path, Path.Combine(kept, Path.GetFileName(path)));
        DurableFiles.SyncDirectory(kept);
        DurableFiles.SyncDirectory(files.Directory);
        var number = Math.Max(files.Snapshots().LastOrDefault(), files.Logs().LastOrDefault()) + 1;
        LogFile.Begin(files.LogPath(number), new JournalFileHeader(Salt(), number, PreviousEnd: 0)).Dispose();
        // From here on the new files count: a start reads from the newest snapshot on.
        DurableFiles.Replace(files.SnapshotPath(number), stream => Snapshot.Write(stream, number, state.ToEvents(), Salt()));
        files.RemoveOlderThan(number);
        return kept;
    }

    private static ulong Salt() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private static void CopyDurably(string path, string copy)
    {
        using var from = File.OpenRead(path);
        using var to = PrivateFiles.Open(copy, FileMode.Create);
        from.CopyTo(to);
        to.Flush(flushToDisk: true);
    }

    private void ReadFile(string path, bool isLast)
    {
        using var file = new JournalFile(path);
        say($"{path}: {file.Length} bytes");
        if (file.Header is null && !file.IsLegacy)
        {
            if (file.ContentEnd > 0 && !(isLast && file.ContentEnd <= JournalFileHeader.Size))
                Lose("  byte 0: damaged: the head of the file is not whole, without it no record can be told from others", file.ContentEnd);
            return;
        }
        if (file.IsHeadDamaged)
            say("  byte 0: damaged: the head of the file; its copy is whole, no record is lost");
        for (var offset = file.Start; offset < file.Length; )
        {
            var entry = file.Read(offset);
            if (entry.Problem is null)
            {
                Take(entry);
                offset = entry.End;
                continue;
            }
            if (offset >= file.ContentEnd)
                break;
            if (entry.IsForeign)
                throw new InvalidDataException($"{path}, at byte {offset}: {entry.Problem}");
            var next = file.FindNext(entry.IsComplete ? entry.End : offset + 1)?.Offset ?? Math.Max(file.ContentEnd, entry.End);
            Lose($"  byte {offset}: damaged: {entry.Problem}; {next - offset} bytes are lost", next - offset);
            offset = next;
        }
    }

    private void Take(JournalEntry entry)
    {
        if (entry.Change is not { } change)
        {
            say(
                $"  byte {entry.Offset}, {entry.End - entry.Offset} bytes: {(entry.Mark == EventKind.Closed ? "the server stopped" : "end of the snapshot")}"
            );
            return;
        }
        var line = $"  byte {entry.Offset}, {entry.End - entry.Offset} bytes: {EventText.Of(change)}";
        try
        {
            state.Apply(change);
            saved++;
            say(line);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            unfit++;
            say($"{line}: does not fit: {exception.Message}");
        }
    }

    private void Lose(string line, long bytes)
    {
        damaged++;
        lostBytes += bytes;
        say(line);
    }
}

using Builder.Server.Scheduling;
using Microsoft.Extensions.Logging;

namespace Builder.Server.State;

/// <summary>Reads a journal from its newest snapshot on. Damage stops it, but for a write at the very end that was cut off.</summary>
internal sealed class JournalReplay(JournalFiles files, Action<SchedulerEvent> replay, ILogger logger)
{
    public long Events { get; private set; }

    /// <summary>Bytes of all logs since the snapshot.</summary>
    public long LogBytes { get; private set; }

    public long SnapshotBytes { get; private set; }

    /// <summary>The log to go on with; 0 where there is none.</summary>
    public long LastLog { get; private set; }

    /// <summary>Where its last record ends.</summary>
    public long LastLogEnd { get; private set; }

    /// <summary>Where the last record of the log before ends.</summary>
    public long PreviousEnd { get; private set; }

    /// <summary>Null where a new log has to be begun: there is none, or it is of an earlier version.</summary>
    public JournalFileHeader? LastLogHeader { get; private set; }

    /// <exception cref="InvalidDataException">A file is damaged, missing, or from a later version. Nothing was changed.</exception>
    /// <exception cref="IOException">Bytes that have to be cut off cannot be kept elsewhere.</exception>
    public void Run()
    {
        var snapshot = files.Snapshots().LastOrDefault();
        var logs = files.Logs().Where(log => log >= snapshot).ToArray();
        CheckPresence(snapshot, logs);
        if (snapshot > 0)
            ReadSnapshot(files.SnapshotPath(snapshot));
        for (var i = 0; i < logs.Length; i++)
            ReadLog(logs[i], next: i + 1 < logs.Length ? files.LogPath(logs[i + 1]) : null);
    }

    private void CheckPresence(long snapshot, long[] logs)
    {
        var expected = snapshot > 0 ? snapshot : 1;
        foreach (var log in logs)
        {
            if (log != expected)
                throw Refuse(files.LogPath(expected), 0, "the file is missing, and later ones are there");
            expected++;
        }
        if (snapshot > 0 && logs.Length == 0)
            throw Refuse(files.LogPath(snapshot), 0, $"the file is missing, and {files.SnapshotPath(snapshot)} is there");
    }

    private void ReadSnapshot(string path)
    {
        using var file = new JournalFile(path);
        CheckHead(file);
        long events = 0;
        var isEnded = false;
        foreach (var entry in file.ReadFrom(file.Start))
        {
            if (entry.Problem is { } problem || isEnded)
                throw Refuse(path, entry.Offset, entry.Problem ?? "something follows the end of the snapshot");
            if (entry.Mark is EventKind.SnapshotEnd && entry.MarkValue != events)
                throw Refuse(path, entry.Offset, $"the snapshot has {events} records of {entry.MarkValue}");
            isEnded = entry.Mark is EventKind.SnapshotEnd;
            events += entry.Mark is null ? 1 : 0;
            Give(path, entry);
        }
        if (!isEnded && !file.IsLegacy && file.Length > 0)
            throw Refuse(path, file.Header is null ? 0 : file.Length, "the end of the snapshot is missing");
        SnapshotBytes = file.Length;
    }

    private void ReadLog(long number, string? next)
    {
        var path = files.LogPath(number);
        using var file = new JournalFile(path);
        CheckHead(file);
        var end = file.Start;
        JournalEntry? damage = null;
        foreach (var entry in file.ReadFrom(file.Start))
        {
            if (entry.Problem is not null)
            {
                damage = entry;
                break;
            }
            Give(path, entry);
            end = entry.End;
        }
        LogBytes += end;
        if (next is null)
        {
            End(number, file, damage, end);
            return;
        }
        CheckEnd(file, damage, end, next);
        PreviousEnd = end;
    }

    private static void CheckHead(JournalFile file)
    {
        if (file.IsHeadDamaged && file.ContentEnd > JournalFileHeader.Size)
            throw Refuse(file.Path, 0, "the head of the file does not match its checksum");
    }

    private void End(long number, JournalFile file, JournalEntry? damage, long end)
    {
        // Its head is written before it is used: where not even that is whole, it holds nothing.
        var isUnbegun = file.Header is null && !file.IsLegacy && file.ContentEnd <= JournalFileHeader.Size;
        if (damage is { } broken)
        {
            if (!isUnbegun && !file.IsTorn(broken))
                throw Refuse(file.Path, broken.Offset, broken.Problem!);
            TornTail.Keep(file, broken, logger);
        }
        LastLog = number;
        LastLogEnd = end;
        LastLogHeader = file.Header is { Version: JournalRecord.Version } ? file.Header : null;
    }

    /// <summary>The next log knows how long this one was.</summary>
    private static void CheckEnd(JournalFile file, JournalEntry? damage, long end, string next)
    {
        if (damage is { } broken)
            throw Refuse(file.Path, broken.Offset, broken.Problem!);
        using var following = new JournalFile(next);
        if (following.Header is { } header && header.PreviousEnd != end)
            throw Refuse(file.Path, end, $"the log ends there; it had {header.PreviousEnd} bytes when {next} was begun");
    }

    private void Give(string path, JournalEntry entry)
    {
        if (entry.Change is not { } change)
            return;
        try
        {
            replay(change);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw Refuse(path, entry.Offset, $"the record does not fit those before it: {exception.Message}");
        }
        Events++;
    }

    private static InvalidDataException Refuse(string path, long offset, string problem) =>
        new(
            $"{path} is damaged at byte {offset}: {problem}; nothing was changed. \"builder server --recover\" with the same --dir lists what can be saved"
        );
}

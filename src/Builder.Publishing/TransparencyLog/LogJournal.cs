using Builder.Posix;
using Microsoft.Win32.SafeHandles;

namespace Builder.Publishing.TransparencyLog;

/// <summary>
/// Entries that are in the log for good although their tiles may not be on the disk yet: one sync makes a batch durable. After a crash the tiles are written
/// from it again, with the same bytes, so that no published tile ever has two contents. The file keeps its length and is written from its beginning again
/// and again: records that do not continue the ones before them, or the log itself, are left from an earlier round.
/// </summary>
internal sealed class LogJournal : IDisposable
{
    private readonly SafeFileHandle file;

    private LogJournal(SafeFileHandle file) => this.file = file;

    /// <summary>Of the records of this round, in bytes.</summary>
    public long Length { get; private set; }

    /// <param name="settledSize">How many entries are in tiles on the disk.</param>
    /// <param name="length">That the file has from the start.</param>
    /// <param name="records">What comes after those entries.</param>
    /// <exception cref="LogException">A record that is not the last one is damaged.</exception>
    public static LogJournal Open(string path, long settledSize, int length, out IReadOnlyList<JournalRecord> records)
    {
        var journal = new LogJournal(PrivateFiles.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        try
        {
            records = journal.ReadAll(path, settledSize);
            var now = RandomAccess.GetLength(journal.file);
            if (now < length)
            {
                // Written, not only named: a hole would be filled, and its place noted, at each sync.
                RandomAccess.Write(journal.file, new byte[length - now], now);
                RandomAccess.FlushToDisk(journal.file);
                DurableDirectory.Flush(Path.GetDirectoryName(path)!);
            }
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>When this returns, the record survives a power failure.</summary>
    public void Append(JournalRecord record)
    {
        var bytes = record.ToBytes();
        RandomAccess.Write(file, bytes, Length);
        DurableFile.FlushData(file);
        Length += bytes.Length;
    }

    /// <summary>All that it held is in tiles on the disk, and the state says so: the next record begins a new round.</summary>
    public void Restart() => Length = 0;

    public void Dispose() => file.Dispose();

    private List<JournalRecord> ReadAll(string path, long settledSize)
    {
        var records = new List<JournalRecord>();
        var bytes = File.ReadAllBytes(path);
        ReadOnlyMemory<byte> rest = bytes;
        var size = settledSize;
        var before = rest;
        while (JournalRecord.TryRead(ref rest, out var record) && record!.OldSize == size)
        {
            records.Add(record);
            size = record.NewSize;
            before = rest;
        }
        // A last record that is not whole was never acknowledged and never published: its sync had not returned.
        Length = bytes.Length - before.Length;
        if (before.Length > 0 && HasRecordAfter(before[1..], size))
            throw new LogException($"{path} is damaged at byte {Length}, before its end: restore it from a backup");
        return records;
    }

    private static bool HasRecordAfter(ReadOnlyMemory<byte> bytes, long size)
    {
        for (var at = 0; at < bytes.Length; at++)
        {
            var found = bytes.Span[at..].IndexOf("tlj1"u8);
            if (found < 0)
                return false;
            at += found;
            var rest = bytes[at..];
            if (JournalRecord.TryRead(ref rest, out var record) && record!.OldSize >= size)
                return true;
        }
        return false;
    }
}

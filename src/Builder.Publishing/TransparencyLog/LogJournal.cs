using Builder.Posix;
using Microsoft.Win32.SafeHandles;

namespace Builder.Publishing.TransparencyLog;

/// <summary>
/// Entries that are in the log for good although their tiles may not be on the disk yet: one sync makes a batch durable. After a crash the tiles are written
/// from it again, with the same bytes, so that no published tile ever has two contents.
/// </summary>
internal sealed class LogJournal : IDisposable
{
    private readonly string path;
    private readonly SafeFileHandle file;
    private long length;

    private LogJournal(string path, SafeFileHandle file) => (this.path, this.file) = (path, file);

    public long Length => length;

    /// <exception cref="LogException">A record that is not the last one is damaged.</exception>
    public static LogJournal Open(string path, out IReadOnlyList<JournalRecord> records)
    {
        var isNew = !File.Exists(path);
        var journal = new LogJournal(path, PrivateFiles.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        try
        {
            if (isNew)
                DurableDirectory.Flush(Path.GetDirectoryName(path)!);
            records = journal.ReadAll();
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
        RandomAccess.Write(file, bytes, length);
        RandomAccess.FlushToDisk(file);
        length += bytes.Length;
    }

    /// <summary>All that it held is in tiles on the disk.</summary>
    public void Clear()
    {
        RandomAccess.SetLength(file, 0);
        RandomAccess.FlushToDisk(file);
        length = 0;
    }

    public void Dispose() => file.Dispose();

    private List<JournalRecord> ReadAll()
    {
        var records = new List<JournalRecord>();
        var bytes = File.ReadAllBytes(path);
        ReadOnlyMemory<byte> rest = bytes;
        while (JournalRecord.TryRead(ref rest, out var record))
            records.Add(record!);
        if (rest.Length > 0 && HasRecord(rest[1..]))
            throw new LogException($"{path} is damaged at byte {bytes.Length - rest.Length}, before its end: restore it from a backup");
        // A last record that is not whole was never acknowledged and never published: its sync had not returned.
        length = bytes.Length - rest.Length;
        RandomAccess.SetLength(file, length);
        return records;
    }

    private static bool HasRecord(ReadOnlyMemory<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; at++)
        {
            var found = bytes.Span[at..].IndexOf("tlj1"u8);
            if (found < 0)
                return false;
            at += found;
            var rest = bytes[at..];
            if (JournalRecord.TryRead(ref rest, out _))
                return true;
        }
        return false;
    }
}

using System.Buffers.Binary;
using Builder.Server.Files;

namespace Builder.Server.State;

/// <summary>A file of the journal, read record by record; behind damage it looks for the next whole one.</summary>
internal sealed class JournalFile : IDisposable
{
    private const int WindowSize = 256 * 1024;

    /// <summary>The part of a disk that is written whole or not at all.</summary>
    private const int SectorSize = 512;

    /// <summary>Fewer zeros than that stand in any record.</summary>
    private const int FewestZeros = 8;

    private readonly FileStream stream;
    private byte[] payload = new byte[64 * 1024];
    private long? contentEnd;

    /// <exception cref="InvalidDataException">A later version wrote it.</exception>
    public JournalFile(string path)
    {
        Path = path;
        stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 64 * 1024);
        Length = stream.Length;
        var start = new byte[JournalFileHeader.Size];
        var count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        try
        {
            var first = JournalFileHeader.TryRead(start.AsSpan(0, count));
            Header = first ?? JournalFileHeader.TryRead(start.AsSpan(0, count)[Math.Min(JournalFileHeader.RecordSize, count)..]);
            IsHeadDamaged = first is null && Header is not null;
        }
        catch (InvalidDataException exception)
        {
            stream.Dispose();
            throw new InvalidDataException($"{path}, at byte 0: {exception.Message}");
        }
        IsLegacy = Header is null && JournalFileHeader.IsAbsent(start.AsSpan(0, count));
        Start = Header is null ? 0 : JournalFileHeader.Size;
    }

    public string Path { get; }

    /// <summary>Null in files of the first version, and where it is damaged.</summary>
    public JournalFileHeader? Header { get; }

    /// <summary>The first of the two equal heads is not whole.</summary>
    public bool IsHeadDamaged { get; }

    public bool IsLegacy { get; }

    /// <summary>Where the first record begins.</summary>
    public long Start { get; }

    /// <summary>In bytes, with the room that is taken ahead of the last record.</summary>
    public long Length { get; }

    /// <summary>Where nothing but zeros follows. A record may end in zeros of its own.</summary>
    public long ContentEnd => contentEnd ??= EndOfContent();

    private int HeaderSize => IsLegacy ? JournalRecord.LegacyHeaderSize : JournalRecord.HeaderSize;

    /// <summary>The entries from <paramref name="offset"/> on, up to the first that is damaged, which is given too.</summary>
    public IEnumerable<JournalEntry> ReadFrom(long offset)
    {
        while (offset < Length)
        {
            var entry = Read(offset);
            // Not damage, but the room that was taken ahead.
            if (entry.Problem is not null && offset >= ContentEnd)
                yield break;
            yield return entry;
            if (entry.Problem is not null)
                yield break;
            offset = entry.End;
        }
    }

    /// <summary>What stands at a place where a record ought to begin.</summary>
    public JournalEntry Read(long offset)
    {
        if (Header is null && !IsLegacy)
            return new JournalEntry(offset, offset, offset) { Problem = "the head of the file is not whole" };
        Span<byte> header = stackalloc byte[JournalRecord.HeaderSize];
        header = header[..HeaderSize];
        stream.Position = offset;
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            return new JournalEntry(offset, offset, offset) { Problem = $"{Length - offset} bytes are too few for a record" };
        if (ReadHeader(header, offset) is not var (length, batchStart))
            return new JournalEntry(offset, offset, offset) { Problem = "no record begins there" };
        if (length > Length - offset - HeaderSize)
            return new JournalEntry(offset, offset, batchStart)
            {
                Problem = $"a record of {length} bytes is cut off by the end of the file",
            };
        if (payload.Length < length)
            payload = new byte[Math.Max(length, payload.Length * 2)];
        var content = payload.AsSpan(0, length);
        stream.ReadExactly(content);
        var end = offset + HeaderSize + length;
        var expected = IsLegacy ? BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) : JournalRecord.PayloadChecksum(header);
        if (expected != Crc32C.Of(content))
            return new JournalEntry(offset, end, batchStart)
            {
                Problem = $"the checksum of a record of {length} bytes does not match",
                IsComplete = true,
            };
        return Decode(content, new JournalEntry(offset, end, batchStart));
    }

    /// <summary>The next record after damage whose header, at least, is whole; null where there is none.</summary>
    public JournalEntry? FindNext(long from)
    {
        if (Header is null && !IsLegacy)
            return null;
        var window = new byte[WindowSize];
        for (var start = from; start < ContentEnd; start += WindowSize - HeaderSize)
        {
            stream.Position = start;
            var count = stream.ReadAtLeast(window, window.Length, throwOnEndOfStream: false);
            for (var place = 0; place + HeaderSize < count; place++)
            {
                var header = window.AsSpan(place, HeaderSize);
                var offset = start + place;
                if (ReadHeader(header, offset) is not var (length, _) || length > Length - offset - HeaderSize)
                    continue;
                // The first version has no checksum of the header: only a whole record shows that one begins there.
                if (IsLegacy && window[place + HeaderSize] is < (byte)EventKind.JobScheduled or > (byte)EventKind.BuildUploaded)
                    continue;
                var entry = Read(offset);
                if (!IsLegacy || entry.Problem is null)
                    return entry;
            }
        }
        return null;
    }

    /// <summary>
    /// True where what stands at <paramref name="damage"/>, the first damaged place, is a write that was cut off, which nobody was told to be
    /// saved: no record follows, or only such of the same write, and a part of the disk between was never written.
    /// </summary>
    public bool IsTorn(JournalEntry damage)
    {
        if (damage.IsForeign || (Header is null && !IsLegacy))
            return false;
        var after = FindNext(damage.IsComplete ? damage.End : damage.Offset + 1);
        if (after is not { } first)
            return true;
        if (IsLegacy || !HasUnwrittenSector(damage.Offset, first.Offset))
            return false;
        for (
            JournalEntry? entry = first;
            entry is { } next;
            entry = FindNext(next.Problem is null || next.IsComplete ? next.End : next.Offset + 1)
        )
        {
            if (next.BatchStart > damage.Offset)
                return false;
        }
        return true;
    }

    public void CopyTo(Stream target, long from, long to)
    {
        stream.Position = from;
        var buffer = new byte[64 * 1024];
        for (var left = to - from; left > 0; )
        {
            var count = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (count == 0)
                throw new EndOfStreamException($"{Path} became shorter");
            target.Write(buffer, 0, count);
            left -= count;
        }
    }

    public void Dispose() => stream.Dispose();

    private (int Length, long BatchStart)? ReadHeader(ReadOnlySpan<byte> header, long offset)
    {
        if (Header is { } file)
            return JournalRecord.TryReadHeader(header, file.Salt, offset);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        return length is < 1 or > JournalRecord.MaxPayloadSize ? null : (length, offset);
    }

    private JournalEntry Decode(ReadOnlySpan<byte> content, JournalEntry entry)
    {
        if ((EventKind)content[0] is EventKind.SnapshotEnd or EventKind.Closed && content.Length == 1 + sizeof(long))
            return entry with { Mark = (EventKind)content[0], MarkValue = BinaryPrimitives.ReadInt64LittleEndian(content[1..]) };
        try
        {
            return entry with { Change = EventReader.Read(content, IsLegacy ? 1 : Header?.Version ?? JournalRecord.Version) };
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or OverflowException or ArgumentException)
        {
            return entry with { Problem = exception.Message, IsComplete = true, IsForeign = true };
        }
    }

    /// <summary>Room is zeros until it is written: a sector of zeros never reached the disk.</summary>
    private bool HasUnwrittenSector(long from, long to)
    {
        var sector = new byte[SectorSize];
        for (var start = from - (from % SectorSize); start < to; start += SectorSize)
        {
            var first = Math.Max(start, from);
            var count = (int)(Math.Min(start + SectorSize, Length) - first);
            stream.Position = first;
            stream.ReadExactly(sector.AsSpan(0, count));
            if (count >= FewestZeros && !sector.AsSpan(0, count).ContainsAnyExcept((byte)0))
                return true;
        }
        return false;
    }

    private long EndOfContent()
    {
        var buffer = new byte[64 * 1024];
        long end = 0;
        stream.Position = 0;
        while (stream.Read(buffer) is > 0 and var count)
        {
            var last = buffer.AsSpan(0, count).LastIndexOfAnyExcept((byte)0);
            if (last >= 0)
                end = stream.Position - count + last + 1;
        }
        return end;
    }
}

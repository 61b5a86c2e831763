using System.Buffers;
using System.Buffers.Binary;
using Builder.Server.Files;
using Builder.Server.Scheduling;
using Builder.Server.State;

namespace Builder.Server.Shared;

/// <summary>Events of one row: before each its length, 4 bytes.</summary>
internal sealed class EventGroup
{
    private readonly ArrayBufferWriter<byte> bytes = new();
    private readonly ArrayBufferWriter<byte> scratch = new();

    public ReadOnlyMemory<byte> Bytes => bytes.WrittenMemory;

    public int Length => bytes.WrittenCount;

    /// <summary>CRC-32C of all.</summary>
    public long Checksum => Crc32C.Of(bytes.WrittenSpan);

    public void Add(SchedulerEvent change)
    {
        scratch.ResetWrittenCount();
        new EventWriter(scratch).Write(change);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.GetSpan(sizeof(int)), scratch.WrittenCount);
        bytes.Advance(sizeof(int));
        bytes.Write(scratch.WrittenSpan);
    }

    /// <param name="where">For messages: the table and the row.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="InvalidDataException">The row is damaged, does not fit those before it, or a later version wrote it.</exception>
    public static long Replay(string where, byte[] data, long checksum, int format, Action<SchedulerEvent> replay)
    {
        if (format > JournalRecord.Version)
            throw new InvalidDataException($"{where}: its format {format} is not known here: a later version wrote it; update this server");
        if (Crc32C.Of(data) != checksum)
            throw new InvalidDataException($"{where} is damaged: it does not match its checksum; restore the database from a backup");
        long count = 0;
        for (var offset = 0; offset < data.Length; count++)
        {
            var length = data.Length - offset >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(offset)) : -1;
            offset += sizeof(int);
            if (length < 1 || length > data.Length - offset)
                throw new InvalidDataException($"{where}: an event is longer than its row; restore the database from a backup");
            var change = EventReader.Read(data.AsSpan(offset, length), format);
            try
            {
                replay(change);
            }
            catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
            {
                throw new InvalidDataException($"{where}: an event does not fit those before it: {exception.Message}", exception);
            }
            offset += length;
        }
        return count;
    }
}

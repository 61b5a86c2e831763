using System.Buffers;
using System.Buffers.Binary;
using Builder.Server.Files;
using Builder.Server.Scheduling;

namespace Builder.Server.State;

/// <summary>
/// A record in a file: length of the payload (4 bytes), how far it is from the start of its batch (4), checksum of the payload (4), checksum of
/// these three with the file's salt and the record's place (4), then the payload.
/// </summary>
/// <remarks>
/// What is written and synced at once is a batch. A record of a later batch proves that all before it was on disk; damage there is damage,
/// not a write that was cut off.
/// </remarks>
internal static class JournalRecord
{
    public const byte Version = 7;

    /// <summary>The first with a header. A file of it is read, never continued: its jobs have no expected differences.</summary>
    public const byte FirstVersionWithHeader = 2;

    public const int HeaderSize = 16;

    /// <summary>Of the first version: length and checksum of the payload.</summary>
    public const int LegacyHeaderSize = 8;

    /// <summary>Far above any job that a frame can bring.</summary>
    public const int MaxPayloadSize = 256 * 1024 * 1024;

    /// <summary>Appends an event.</summary>
    /// <param name="offset">Where in the file it will stand.</param>
    /// <param name="batchStart">Where the batch begins that it belongs to.</param>
    public static void Write(
        IBufferWriter<byte> output,
        ArrayBufferWriter<byte> scratch,
        SchedulerEvent change,
        ulong salt,
        long offset,
        long batchStart
    )
    {
        scratch.ResetWrittenCount();
        new EventWriter(scratch).Write(change);
        Write(output, scratch.WrittenSpan, salt, offset, batchStart);
    }

    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> payload, ulong salt, long offset, long batchStart)
    {
        var header = output.GetSpan(HeaderSize);
        BinaryPrimitives.WriteInt32LittleEndian(header, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)Math.Min(offset - batchStart, uint.MaxValue));
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Crc32C.Of(payload));
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], HeaderChecksum(header, salt, offset));
        output.Advance(HeaderSize);
        output.Write(payload);
    }

    /// <summary>A record that is no event, alone in its batch.</summary>
    public static byte[] Mark(EventKind kind, long value, ulong salt, long offset)
    {
        var payload = new byte[1 + sizeof(long)];
        payload[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(1), value);
        var output = new ArrayBufferWriter<byte>(HeaderSize + payload.Length);
        Write(output, payload, salt, offset, offset);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Length of the payload and start of the batch; null where no header stands there.</summary>
    public static (int Length, long BatchStart)? TryReadHeader(ReadOnlySpan<byte> header, ulong salt, long offset)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (
            length is < 1 or > MaxPayloadSize
            || BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != HeaderChecksum(header, salt, offset)
        )
            return null;
        return (length, offset - BinaryPrimitives.ReadUInt32LittleEndian(header[4..]));
    }

    public static uint PayloadChecksum(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);

    private static uint HeaderChecksum(ReadOnlySpan<byte> header, ulong salt, long offset) =>
        ~Crc32C.Add(Crc32C.Add(Crc32C.Add(uint.MaxValue, salt), (ulong)offset), header[..12]);
}

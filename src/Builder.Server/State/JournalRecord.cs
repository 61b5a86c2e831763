using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Builder.Server.Scheduling;

namespace Builder.Server.State;

/// <summary>An event in a file: length and CRC-32C of the payload, then the payload.</summary>
internal static class JournalRecord
{
    public const int HeaderSize = 8;

    /// <summary>Far above any job that a frame can bring.</summary>
    private const int LongestPayload = 256 * 1024 * 1024;

    public static void Write(IBufferWriter<byte> output, ArrayBufferWriter<byte> scratch, SchedulerEvent change)
    {
        scratch.ResetWrittenCount();
        new EventWriter(scratch).Write(change);
        var payload = scratch.WrittenSpan;
        var header = output.GetSpan(HeaderSize);
        BinaryPrimitives.WriteInt32LittleEndian(header, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Checksum(payload));
        output.Advance(HeaderSize);
        output.Write(payload);
    }

    /// <summary>Gives each event of the file in order.</summary>
    /// <returns>How far the file is whole: its length, or where the first broken record begins.</returns>
    public static long ReadAll(Stream file, Action<SchedulerEvent> found)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        var buffer = new byte[64 * 1024];
        long whole = 0;
        while (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) == HeaderSize)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length is < 1 or > LongestPayload || length > file.Length - file.Position)
                break;
            if (buffer.Length < length)
                buffer = new byte[Math.Max(length, buffer.Length * 2)];
            var payload = buffer.AsSpan(0, length);
            file.ReadExactly(payload);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != Checksum(payload))
                break;
            found(EventReader.Read(payload));
            whole += HeaderSize + length;
        }
        return whole;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (var value in bytes)
            sum = BitOperations.Crc32C(sum, value);
        return ~sum;
    }
}

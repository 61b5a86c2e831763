using System.Buffers.Binary;
using Builder.Server.Files;

namespace Builder.Server.State;

/// <summary>
/// The head of a file of the journal: the same record twice, so that damage to one does not take the salt with it, and so all records. It has the form of the first version, which has no such kind of event: a server of that
/// version refuses the file instead of taking its records for damage.
/// </summary>
/// <param name="Salt">Part of every checksum of the file, so that no bytes that a client sends look like a record.</param>
/// <param name="Number">The one in the file's name.</param>
/// <param name="PreviousEnd">Where the last record of the log before ends; 0 where there is none.</param>
internal readonly record struct JournalFileHeader(ulong Salt, long Number, long PreviousEnd)
{
    public byte Version { get; init; } = JournalRecord.Version;

    /// <summary>Of both, in bytes.</summary>
    public const int Size = 2 * RecordSize;

    /// <summary>Of one, in bytes.</summary>
    public const int RecordSize = 8 + PayloadSize;

    private const int PayloadSize = 1 + 1 + 8 + 8 + 8;

    public byte[] Encode()
    {
        var bytes = new byte[RecordSize];
        var payload = bytes.AsSpan(8);
        payload[0] = (byte)EventKind.FileHeader;
        payload[1] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(payload[2..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(payload[10..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(payload[18..], PreviousEnd);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, PayloadSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C.Of(payload));
        return [.. bytes, .. bytes];
    }

    /// <summary>Null where no whole one stands at the start of these bytes.</summary>
    /// <exception cref="InvalidDataException">A later version wrote it.</exception>
    public static JournalFileHeader? TryRead(ReadOnlySpan<byte> start)
    {
        if (
            start.Length < RecordSize
            || BinaryPrimitives.ReadInt32LittleEndian(start) != PayloadSize
            || start[8] != (byte)EventKind.FileHeader
            || BinaryPrimitives.ReadUInt32LittleEndian(start[4..]) != Crc32C.Of(start[8..RecordSize])
        )
        {
            return null;
        }
        var payload = start[8..];
        if (payload[1] is < JournalRecord.FirstVersionWithHeader or > JournalRecord.Version)
            throw new InvalidDataException($"version {payload[1]} of the journal is not known: a later version of this program wrote it");
        return new JournalFileHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(payload[2..]),
            BinaryPrimitives.ReadInt64LittleEndian(payload[10..]),
            BinaryPrimitives.ReadInt64LittleEndian(payload[18..])
        )
        {
            Version = payload[1],
        };
    }

    /// <summary>
    /// True where the file was begun by the first version, which has no header. Damage in a header does not make it one: its length or its kind
    /// still stands there.
    /// </summary>
    public static bool IsAbsent(ReadOnlySpan<byte> start) =>
        start.Length > 8
        && start[8] is >= (byte)EventKind.JobScheduled and <= (byte)EventKind.BuildUploaded
        && BinaryPrimitives.ReadInt32LittleEndian(start) != PayloadSize;
}

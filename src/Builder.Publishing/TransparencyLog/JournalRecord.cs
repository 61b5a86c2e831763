using System.Buffers.Binary;
using System.Security.Cryptography;
using Builder.Analysis.Values;

namespace Builder.Publishing.TransparencyLog;

/// <summary>Entries that were added together: after which size, and to which root they led.</summary>
/// <remarks>
/// In the file: magic (4 bytes), length of the body (4, big-endian), body, SHA-256 of the body. The body: size before (8), root after (32), number of
/// entries (4), then each with its length (2) before it.
/// </remarks>
internal sealed record JournalRecord(long OldSize, Sha256Digest NewRoot, IReadOnlyList<ReadOnlyMemory<byte>> Entries)
{
    public const int MaxBodyLength = 64 * 1024 * 1024;

    private const int HeadLength = 8;
    private const int FixedLength = sizeof(long) + Sha256Digest.SizeInBytes + sizeof(int);

    private static ReadOnlySpan<byte> Magic => "tlj1"u8;

    public long NewSize => OldSize + Entries.Count;

    public byte[] ToBytes()
    {
        var body = FixedLength + Entries.Sum(static entry => sizeof(ushort) + entry.Length);
        var bytes = new byte[HeadLength + body + SHA256.HashSizeInBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(Magic.Length), body);
        var rest = bytes.AsSpan(HeadLength);
        BinaryPrimitives.WriteInt64BigEndian(rest, OldSize);
        NewRoot.CopyTo(rest[sizeof(long)..]);
        BinaryPrimitives.WriteInt32BigEndian(rest[(sizeof(long) + Sha256Digest.SizeInBytes)..], Entries.Count);
        rest = rest[FixedLength..];
        foreach (var entry in Entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, checked((ushort)entry.Length));
            entry.Span.CopyTo(rest[sizeof(ushort)..]);
            rest = rest[(sizeof(ushort) + entry.Length)..];
        }
        SHA256.HashData(bytes.AsSpan(HeadLength, body), rest);
        return bytes;
    }

    /// <summary>Takes a record off the front. False: what is there is not a whole one.</summary>
    public static bool TryRead(ref ReadOnlyMemory<byte> rest, out JournalRecord? record)
    {
        record = null;
        if (rest.Length < HeadLength || !rest.Span.StartsWith(Magic))
            return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(rest.Span[Magic.Length..]);
        if (length is < FixedLength or > MaxBodyLength || rest.Length < HeadLength + length + SHA256.HashSizeInBytes)
            return false;
        var body = rest.Slice(HeadLength, length);
        if (!SHA256.HashData(body.Span).AsSpan().SequenceEqual(rest.Span.Slice(HeadLength + length, SHA256.HashSizeInBytes)))
            return false;
        record = ReadBody(body);
        rest = rest[(HeadLength + length + SHA256.HashSizeInBytes)..];
        return true;
    }

    private static JournalRecord ReadBody(ReadOnlyMemory<byte> body)
    {
        var oldSize = BinaryPrimitives.ReadInt64BigEndian(body.Span);
        var root = Sha256Digest.FromBytes(body.Span.Slice(sizeof(long), Sha256Digest.SizeInBytes));
        var count = BinaryPrimitives.ReadInt32BigEndian(body.Span[(sizeof(long) + Sha256Digest.SizeInBytes)..]);
        return new JournalRecord(oldSize, root, Proof.Log.EntryBundle.Read(body[FixedLength..], count));
    }
}

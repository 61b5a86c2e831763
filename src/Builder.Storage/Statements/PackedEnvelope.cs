using System.Buffers.Binary;
using System.Buffers.Text;
using ZstdSharp;

namespace Builder.Storage.Statements;

/// <summary>
/// An envelope as tables hold it. The lists of packages in statements repeat much, but base64 hides it: the payload is decoded, and all of it compressed. What comes
/// out is what went in, byte for byte; what would not is kept as it is.
/// </summary>
public static class PackedEnvelope
{
    private const byte Plain = 0;
    private const byte Packed = 1;
    private const int Level = 3;

    /// <summary>Of an envelope, in bytes.</summary>
    private const int MaxSize = 64 << 20;

    /// <summary>Smaller ones do not shrink.</summary>
    private const int MinSize = 512;

    private static ReadOnlySpan<byte> PayloadStart => "\"payload\":\""u8;

    public static byte[] Pack(ReadOnlySpan<byte> envelope) =>
        envelope.Length >= MinSize && TryPack(envelope) is { } packed ? packed : [Plain, .. envelope];

    /// <exception cref="InvalidDataException">Not what <see cref="Pack"/> wrote.</exception>
    public static byte[] Unpack(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty || stored[0] > Packed)
            throw new InvalidDataException("a stored envelope is damaged: it begins with no known form");
        if (stored[0] == Plain)
            return stored[1..].ToArray();
        try
        {
            using var decompressor = new Decompressor();
            return Join(decompressor.Unwrap(stored[1..], MaxSize));
        }
        catch (Exception exception) when (exception is ZstdException or ArgumentException)
        {
            throw new InvalidDataException("a stored envelope is damaged: it cannot be unpacked", exception);
        }
    }

    private static byte[]? TryPack(ReadOnlySpan<byte> envelope)
    {
        var start = envelope.IndexOf(PayloadStart);
        if (start < 0)
            return null;
        start += PayloadStart.Length;
        var length = envelope[start..].IndexOf((byte)'"');
        if (length < 0)
            return null;
        var payload = new byte[Base64.GetMaxDecodedFromUtf8Length(length)];
        if (Base64.DecodeFromUtf8(envelope.Slice(start, length), payload, out _, out var decoded) != System.Buffers.OperationStatus.Done)
            return null;
        // One that is not written as everybody writes it would come out otherwise than it went in.
        var again = new byte[Base64.GetMaxEncodedToUtf8Length(decoded)];
        if (
            Base64.EncodeToUtf8(payload.AsSpan(0, decoded), again, out _, out var written) != System.Buffers.OperationStatus.Done
            || !again.AsSpan(0, written).SequenceEqual(envelope.Slice(start, length))
        )
            return null;
        var head = envelope[..start];
        var tail = envelope[(start + length)..];
        var parts = new byte[(2 * sizeof(int)) + head.Length + decoded + tail.Length];
        BinaryPrimitives.WriteInt32BigEndian(parts, head.Length);
        BinaryPrimitives.WriteInt32BigEndian(parts.AsSpan(sizeof(int)), decoded);
        head.CopyTo(parts.AsSpan(2 * sizeof(int)));
        payload.AsSpan(0, decoded).CopyTo(parts.AsSpan((2 * sizeof(int)) + head.Length));
        tail.CopyTo(parts.AsSpan((2 * sizeof(int)) + head.Length + decoded));
        using var compressor = new Compressor(Level);
        return [Packed, .. compressor.Wrap(parts)];
    }

    private static byte[] Join(ReadOnlySpan<byte> parts)
    {
        var head = BinaryPrimitives.ReadInt32BigEndian(parts);
        var payload = BinaryPrimitives.ReadInt32BigEndian(parts[sizeof(int)..]);
        var rest = parts[(2 * sizeof(int))..];
        var encoded = new byte[Base64.GetMaxEncodedToUtf8Length(payload)];
        Base64.EncodeToUtf8(rest.Slice(head, payload), encoded, out _, out var written);
        return [.. rest[..head], .. encoded.AsSpan(0, written), .. rest[(head + payload)..]];
    }
}

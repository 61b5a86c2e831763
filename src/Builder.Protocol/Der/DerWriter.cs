using System.Buffers.Binary;

namespace Builder.Protocol.Der;

/// <summary>Writes DER into memory that grows.</summary>
/// <param name="capacity">Bytes to begin with.</param>
internal sealed class DerWriter(int capacity = 256)
{
    private byte[] buffer = new byte[capacity];
    private int position;

    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, position);

    public byte[] ToArray() => Written.ToArray();

    public void Clear() => position = 0;

    /// <summary>Room at the current place, to be filled in later or right away.</summary>
    public Span<byte> Take(int count)
    {
        if (buffer.Length - position < count)
            Array.Resize(ref buffer, (int)Math.Min(Array.MaxLength, Math.Max(2L * buffer.Length, (long)position + count)));
        position += count;
        return buffer.AsSpan(position - count, count);
    }

    /// <summary>Puts bytes in a place taken before.</summary>
    public void Overwrite(int at, ReadOnlySpan<byte> bytes) => bytes.CopyTo(buffer.AsSpan(at, position - at));

    /// <summary>Starts a constructed element; hand the returned mark to <see cref="End"/>.</summary>
    public int Begin(byte tag)
    {
        Take(2)[0] = tag;
        return position;
    }

    public int BeginSequence() => Begin(DerTag.Sequence);

    public void End(int mark)
    {
        var length = position - mark;
        if (length < 0x80)
        {
            buffer[mark - 1] = (byte)length;
            return;
        }
        // One octet was kept for the length; the content moves to make room for the rest.
        var extra = DerSize.OfHeader(length) - 2;
        Take(extra);
        buffer.AsSpan(mark, length).CopyTo(buffer.AsSpan(mark + extra));
        WriteLength(buffer.AsSpan(mark - 1), length);
    }

    /// <summary>A header whose content follows from elsewhere.</summary>
    public void WriteHeader(byte tag, long contentLength)
    {
        if (contentLength < 0x80)
        {
            var shortHeader = Take(2);
            shortHeader[1] = (byte)contentLength;
            shortHeader[0] = tag;
            return;
        }
        var header = Take(DerSize.OfHeader(contentLength));
        header[0] = tag;
        WriteLength(header[1..], contentLength);
    }

    public void WriteText(ReadOnlySpan<byte> bytes)
    {
        WriteHeader(DerTag.Text, bytes.Length);
        bytes.CopyTo(Take(bytes.Length));
    }

    public void WriteNull() => WriteHeader(DerTag.Null, 0);

    public void WriteInteger(long value)
    {
        var octets = DerSize.OctetsOfInteger(value);
        WriteHeader(DerTag.Integer, octets);
        Span<byte> bigEndian = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bigEndian, value);
        bigEndian[(sizeof(long) - octets)..].CopyTo(Take(octets));
    }

    private static void WriteLength(Span<byte> destination, long length)
    {
        if (length < 0x80)
        {
            destination[0] = (byte)length;
            return;
        }
        var octets = DerSize.OctetsOf((ulong)length);
        destination[0] = (byte)(0x80 | octets);
        Span<byte> bigEndian = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bigEndian, length);
        bigEndian[(sizeof(long) - octets)..].CopyTo(destination[1..]);
    }
}

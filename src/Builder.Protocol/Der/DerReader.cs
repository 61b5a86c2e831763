using System.Buffers.Binary;
using Builder.Protocol.Values;

namespace Builder.Protocol.Der;

/// <summary>
/// Reads strict DER from memory: definite minimal lengths, no constructed strings, nothing left over. It keeps the way to where it
/// is, so that every error names the field and the byte. Nothing here recurses: what nests is what the caller enters.
/// </summary>
/// <param name="origin">Offset of <paramref name="data"/> in the whole body or file.</param>
/// <param name="path">The way to where <paramref name="data"/> is.</param>
internal sealed class DerReader(ReadOnlyMemory<byte> data, long origin, FieldPath path)
{
    private int position;
    private int end = data.Length;

    public DerReader(ReadOnlyMemory<byte> data)
        : this(data, origin: 0, new FieldPath()) { }

    public bool HasMore => position < end;

    /// <summary>The tag of the next element.</summary>
    public byte PeekTag(string name = "") => HasMore ? data.Span[position] : throw Missing(name);

    /// <summary>Goes into a constructed element.</summary>
    public void Enter(byte tag, string name)
    {
        var header = ReadHeader(tag, name);
        path.Enter(name, end);
        end = position + (int)header.Length;
    }

    public void EnterSequence(string name) => Enter(DerTag.Sequence, name);

    /// <summary>In a SEQUENCE OF: moves on to the next item, if there is one.</summary>
    public bool NextItem()
    {
        path.NextItem();
        return HasMore;
    }

    /// <summary>Goes out of the element that was entered last; all of it must have been read.</summary>
    public void Leave()
    {
        if (HasMore)
            throw Malformed("", position, $"unexpected {DerTag.Describe(data.Span[position])} after the last field");
        end = (int)path.Leave();
    }

    /// <summary>All has been read.</summary>
    public void End()
    {
        if (HasMore)
            throw Malformed("", position, $"{end - position} trailing bytes");
    }

    /// <summary>The content of a primitive element, not copied.</summary>
    public ReadOnlyMemory<byte> ReadPrimitive(byte tag, string name)
    {
        var header = ReadHeader(tag, name);
        var content = data.Slice(position, (int)header.Length);
        position += (int)header.Length;
        return content;
    }

    /// <summary>Text of any bytes.</summary>
    public ByteString ReadText(string name) => new(ReadPrimitive(DerTag.Text, name));

    public void ReadNull(string name)
    {
        var content = ReadPrimitive(DerTag.Null, name);
        if (!content.IsEmpty)
            throw Malformed(name, position - content.Length, "NULL with content");
    }

    public long ReadInteger(string name)
    {
        var content = ReadPrimitive(DerTag.Integer, name).Span;
        var start = position - content.Length;
        if (content.IsEmpty)
            throw Malformed(name, start, "INTEGER without content");
        if (content.Length > 1 && (content[0] == 0x00 && content[1] < 0x80 || content[0] == 0xff && content[1] >= 0x80))
            throw Malformed(name, start, "INTEGER with redundant leading octets");
        if (content.Length > sizeof(long))
            throw Malformed(name, start, $"INTEGER of {content.Length} octets; at most 64 bits are taken");
        Span<byte> padded = stackalloc byte[sizeof(long)];
        padded.Fill((byte)((sbyte)content[0] >> 7));
        content.CopyTo(padded[(sizeof(long) - content.Length)..]);
        return BinaryPrimitives.ReadInt64BigEndian(padded);
    }

    /// <summary>An error about the element that was read last, whose content had <paramref name="contentLength"/> bytes.</summary>
    public ProtocolException MalformedContent(string name, int contentLength, string why) => Malformed(name, position - contentLength, why);

    /// <summary>An error about what stands next.</summary>
    public ProtocolException MalformedNext(string name, string why) => Malformed(name, position, why);

    private DerHeader ReadHeader(byte tag, string name)
    {
        if (!HasMore)
            throw Missing(name);
        var rest = data.Span[position..end];
        if (rest.Length >= 2 && rest[0] == tag && rest[1] < 0x80 && rest[1] <= rest.Length - 2)
        {
            // What nearly every element looks like.
            position += 2;
            return new DerHeader(tag, rest[1], 2);
        }
        if (!DerHeader.TryRead(rest, out var header, out var problem))
            throw Malformed(name, position, problem ?? "the element is cut off in its header");
        if (header.Tag != tag)
            throw Malformed(name, position, $"expected {DerTag.Describe(tag)}, found {DerTag.Describe(header.Tag)}");
        if (header.Length > rest.Length - header.Size)
        {
            throw Malformed(
                name,
                position,
                $"{DerTag.Describe(tag)} claims {header.Length} bytes where {rest.Length - header.Size} are left"
            );
        }
        position += header.Size;
        return header;
    }

    private ProtocolException Missing(string name) =>
        Malformed(name, position, path.Depth == 0 && data.IsEmpty ? "no bytes at all" : "missing: the bytes around it end here");

    private ProtocolException Malformed(string name, int at, string why) => ProtocolException.Malformed(path.To(name), origin + at, why);
}

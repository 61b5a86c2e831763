using System.Buffers.Binary;
using System.Text;

namespace Builder.Protocol.Der;

/// <summary>
/// Reads strict DER from memory: definite minimal lengths, no constructed strings, nothing left over. It keeps the way to where it
/// is, so that every error names the field and the byte. Nothing here recurses: what nests is what the caller enters.
/// </summary>
/// <param name="origin">Offset of <paramref name="data"/> in the whole body or file.</param>
/// <param name="field">The field that <paramref name="data"/> is in.</param>
internal sealed class DerReader(ReadOnlyMemory<byte> data, long origin = 0, string field = "")
{
    /// <summary>Deeper than anything in the protocol.</summary>
    private const int DeepestNesting = 24;

    private readonly Level[] levels = new Level[DeepestNesting];
    private int depth;
    private int position;
    private int end = data.Length;

    public bool HasMore => position < end;

    /// <summary>The tag of the next element.</summary>
    public byte PeekTag(string name = "") => HasMore ? data.Span[position] : throw Missing(name);

    /// <summary>Goes into a constructed element.</summary>
    public void Enter(byte tag, string name)
    {
        var header = ReadHeader(tag, name);
        levels[depth++] = new Level(name, end);
        end = position + (int)header.Length;
    }

    public void EnterSequence(string name) => Enter(DerTag.Sequence, name);

    /// <summary>In a SEQUENCE OF: moves on to the next item, if there is one.</summary>
    public bool NextItem()
    {
        levels[depth - 1].Items++;
        return HasMore;
    }

    /// <summary>Goes out of the element that was entered last; all of it must have been read.</summary>
    public void Leave()
    {
        if (HasMore)
            throw Malformed("", position, $"unexpected {DerTag.Describe(data.Span[position])} after the last field");
        end = levels[--depth].OuterEnd;
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
        if (!DerHeader.TryRead(rest, out var header, out var problem))
            throw Malformed(name, position, problem ?? "the element is cut off in its header");
        if (header.Tag != tag)
            throw Malformed(name, position, $"expected {DerTag.Describe(tag)}, found {DerTag.Describe(header.Tag)}");
        if (header.Length > rest.Length - header.Size)
        {
            throw Malformed(name, position,
                $"{DerTag.Describe(tag)} claims {header.Length} bytes where {rest.Length - header.Size} are left");
        }
        position += header.Size;
        return header;
    }

    private ProtocolException Missing(string name) =>
        Malformed(name, position, depth == 0 && data.IsEmpty ? "no bytes at all" : "missing: the bytes around it end here");

    private ProtocolException Malformed(string name, int at, string why) => ProtocolException.Malformed(PathOf(name), origin + at, why);

    private string PathOf(string name)
    {
        var path = new StringBuilder(field);
        for (var i = 0; i < depth; i++)
        {
            Append(path, levels[i].Name);
            if (levels[i].Items > 0)
                path.Append('[').Append(levels[i].Items - 1).Append(']');
        }
        Append(path, name);
        return path.ToString();
    }

    private static void Append(StringBuilder path, string name)
    {
        if (name.Length == 0)
            return;
        if (path.Length > 0)
            path.Append('.');
        path.Append(name);
    }

    private record struct Level(string Name, int OuterEnd)
    {
        /// <summary>Items begun, where the element is a SEQUENCE OF.</summary>
        public int Items { get; set; }
    }
}

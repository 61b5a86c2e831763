namespace Builder.Protocol.Der;

/// <summary>
/// Reads strict DER as it comes in: goes into constructed elements without holding them, takes small ones into memory, and hands out the
/// content of big ones piece by piece. What <see cref="DerReader"/> is for memory.
/// </summary>
/// <param name="length">Of the body, or null where it ends with the source.</param>
/// <param name="whenCutOff">What it means that the source ends in the middle.</param>
internal sealed class DerStream(ByteSource source, long? length, ProtocolErrorReason whenCutOff)
{
    private const int FirstPiece = 16 << 10;

    private readonly long origin = source.Position;
    private readonly FieldPath path = new();
    private long end = length is { } bytes ? source.Position + bytes : long.MaxValue;

    /// <summary>Bytes left in the innermost element.</summary>
    public long Left => end - source.Position;

    /// <summary>Bytes taken from the body.</summary>
    public long Offset => source.Position - origin;

    /// <summary>Goes into a constructed element and returns the length of its content.</summary>
    public async ValueTask<long> EnterAsync(byte tag, string name, CancellationToken cancellationToken)
    {
        var header = await ReadHeaderAsync(tag, name, cancellationToken);
        path.Enter(name, end);
        end = source.Position + header.Length;
        return header.Length;
    }

    public ValueTask<long> EnterSequenceAsync(string name, CancellationToken cancellationToken) =>
        EnterAsync(DerTag.Sequence, name, cancellationToken);

    /// <summary>In a SEQUENCE OF: moves on to the next item, if there is one.</summary>
    public bool NextItem()
    {
        path.NextItem();
        return Left > 0;
    }

    public void Leave()
    {
        if (Left > 0)
            throw Malformed("", $"{Left} bytes after the last field");
        end = path.Leave();
    }

    /// <summary>All has been read, and the source, where the length was not known, ends here.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (length is null ? await source.EnsureAsync(1, cancellationToken) : Left > 0)
            throw Malformed("", "trailing bytes");
    }

    public async ValueTask<byte> PeekTagAsync(string name, CancellationToken cancellationToken)
    {
        await NeedAsync(1, name, cancellationToken);
        return source.Buffered[0];
    }

    /// <summary>The next element, header and all, in memory.</summary>
    public async ValueTask<(DerReader Reader, ReadOnlyMemory<byte> Bytes)> ReadElementAsync(
        string name,
        long longest,
        CancellationToken cancellationToken
    )
    {
        var start = Offset;
        var header = await PeekHeaderAsync(name, cancellationToken);
        if (header.Length > longest)
            throw ProtocolException.At(
                ProtocolErrorReason.TooLong,
                path.To(name),
                start,
                $"{header.Length} bytes; at most {longest} are taken"
            );
        var size = checked(header.Size + (int)header.Length);
        var bytes = new byte[Math.Min(size, FirstPiece)];
        for (var filled = 0; filled < size; )
        {
            if (filled == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(size, 2L * bytes.Length));
            filled += await ReadContentAsync(bytes.AsMemory(filled), name, cancellationToken);
        }
        return (new DerReader(bytes, start, path), bytes);
    }

    /// <summary>
    /// A SEQUENCE OF, whole. Items that came in together share one piece of memory and are checked without waiting: there can be very many.
    /// </summary>
    public async ValueTask<DerList<T>> ReadListAsync<T>(
        string name,
        long longest,
        Func<DerReader, T> readItem,
        Action<DerReader> check,
        CancellationToken cancellationToken
    )
    {
        var items = new DerList<T>(readItem, check);
        await EnterSequenceAsync(name, cancellationToken);
        while (Left > 0)
        {
            // Where no item is buffered whole, the next is still to come, long, or not DER: the careful way finds out.
            var (reader, bytes) = WholeItems() is > 0 and var size ? Take(size) : await ReadElementAsync("", longest, cancellationToken);
            items.Add(reader, path, bytes);
        }
        path.NextItem();
        Leave();
        return items;
    }

    /// <summary>The header of a primitive element; its content is to be read with <see cref="ReadContentAsync"/>.</summary>
    public async ValueTask<DerHeader> ReadHeaderAsync(byte tag, string name, CancellationToken cancellationToken)
    {
        var header = await PeekHeaderAsync(name, cancellationToken);
        if (header.Tag != tag)
            throw Malformed(name, $"expected {DerTag.Describe(tag)}, found {DerTag.Describe(header.Tag)}");
        source.Consume(header.Size);
        return header;
    }

    /// <summary>Passes over an element without looking into it.</summary>
    /// <param name="pass">Moves the source on by so many bytes.</param>
    public async ValueTask SkipElementAsync(string name, Action<long> pass, CancellationToken cancellationToken)
    {
        var header = await PeekHeaderAsync(name, cancellationToken);
        source.Consume(header.Size);
        source.Skip(header.Length, pass);
    }

    /// <summary>Some bytes, at least one. The caller knows how many there are.</summary>
    public async ValueTask<int> ReadContentAsync(Memory<byte> destination, string name, CancellationToken cancellationToken)
    {
        var count = await source.ReadAsync(destination, cancellationToken);
        return count > 0 ? count : throw CutOff(name);
    }

    public ProtocolException Malformed(string name, string why) => ProtocolException.Malformed(path.To(name), Offset, why);

    /// <summary>Bytes of the items that are buffered whole.</summary>
    private int WholeItems()
    {
        var buffered = source.Buffered;
        if (buffered.Length > Left)
            buffered = buffered[..(int)Left];
        var size = 0;
        while (DerHeader.TryRead(buffered[size..], out var header, out _) && header.Length <= buffered.Length - size - header.Size)
            size += header.Size + (int)header.Length;
        return size;
    }

    private (DerReader Reader, ReadOnlyMemory<byte> Bytes) Take(int size)
    {
        var start = Offset;
        var bytes = GC.AllocateUninitializedArray<byte>(size);
        source.Buffered[..size].CopyTo(bytes);
        source.Consume(size);
        return (new DerReader(bytes, start, path), bytes);
    }

    private async ValueTask<DerHeader> PeekHeaderAsync(string name, CancellationToken cancellationToken)
    {
        for (var count = 2; ; count++)
        {
            await NeedAsync(count, name, cancellationToken);
            var left = Left;
            if (DerHeader.TryRead(source.Buffered[..(int)Math.Min(left, source.Buffered.Length)], out var header, out var problem))
            {
                return header.Length <= left - header.Size
                    ? header
                    : throw Malformed(
                        name,
                        $"{DerTag.Describe(header.Tag)} claims {header.Length} bytes where {left - header.Size} are left"
                    );
            }
            if (problem is not null)
                throw Malformed(name, problem);
        }
    }

    private async ValueTask NeedAsync(int count, string name, CancellationToken cancellationToken)
    {
        if (Left < count)
            throw Malformed(name, Left == 0 ? "missing: the bytes around it end here" : "the element is cut off in its header");
        if (!await source.EnsureAsync(count, cancellationToken))
            throw CutOff(name);
    }

    private ProtocolException CutOff(string name) =>
        ProtocolException.At(
            whenCutOff,
            path.To(name),
            Offset + source.Buffered.Length,
            whenCutOff == ProtocolErrorReason.ConnectionLost ? "the connection ended here" : "the file ends here, in the middle"
        );
}

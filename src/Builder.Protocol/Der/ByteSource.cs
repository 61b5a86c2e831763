namespace Builder.Protocol.Der;

/// <summary>Bytes that come in as they please, looked at through a buffer that stays small.</summary>
/// <param name="receive">Like <see cref="Stream.ReadAsync(Memory{byte}, CancellationToken)"/>: some bytes, 0 at the end.</param>
/// <param name="mayGrow">Whether there is memory for so many more bytes of buffer; null for always.</param>
internal sealed class ByteSource(Func<Memory<byte>, CancellationToken, ValueTask<int>> receive, Func<int, bool>? mayGrow = null)
{
    private const int Capacity = 64 << 10;

    /// <summary>Until the first burst: thousands of peers that only wait must not hold a whole buffer each.</summary>
    private const int FirstCapacity = 2 << 10;

    private byte[] buffer = new byte[FirstCapacity];
    private int start;
    private int end;

    /// <summary>What was received and not yet taken.</summary>
    public ReadOnlySpan<byte> Buffered => buffer.AsSpan(start, end - start);

    /// <summary>Bytes taken since the beginning.</summary>
    public long Position { get; private set; }

    /// <summary>Receives until at least <paramref name="count"/> bytes are buffered; false where the source ends before.</summary>
    public async ValueTask<bool> EnsureAsync(int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity);
        if (buffer.Length < count)
            Array.Resize(ref buffer, Capacity);
        if (buffer.Length - start < count)
        {
            Buffered.CopyTo(buffer);
            end -= start;
            start = 0;
        }
        while (end - start < count)
        {
            var received = await receive(buffer.AsMemory(end), cancellationToken);
            if (received == 0)
                return false;
            end += received;
            if (end == buffer.Length && buffer.Length < Capacity && mayGrow?.Invoke(Capacity - buffer.Length) != false)
                Array.Resize(ref buffer, Capacity);
        }
        return true;
    }

    /// <summary>Takes bytes that are buffered.</summary>
    public void Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, end - start);
        start += count;
        Position += count;
        if (start == end)
            start = end = 0;
    }

    /// <summary>Passes over bytes without receiving them.</summary>
    /// <param name="pass">Moves the source on by so many bytes; called for what is not buffered.</param>
    public void Skip(long count, Action<long> pass)
    {
        var buffered = (int)Math.Min(count, end - start);
        Consume(buffered);
        if (count == buffered)
            return;
        pass(count - buffered);
        Position += count - buffered;
    }

    /// <summary>Some bytes, at least one unless the source has ended. Long reads go past the buffer.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (start == end && destination.Length >= Capacity)
        {
            var received = await receive(destination, cancellationToken);
            Position += received;
            return received;
        }
        if (destination.IsEmpty || (start == end && !await EnsureAsync(1, cancellationToken)))
            return 0;
        var count = Math.Min(destination.Length, end - start);
        Buffered[..count].CopyTo(destination.Span);
        Consume(count);
        return count;
    }
}

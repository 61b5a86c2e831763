namespace Builder.Protocol.Der;

/// <summary>Gathers small writes, and copies big ones through one buffer.</summary>
internal sealed class ByteSink(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> send)
{
    private readonly byte[] buffer = new byte[64 << 10];
    private int used;

    /// <summary>Bytes written since the beginning, sent or not.</summary>
    public long Position { get; private set; }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            var count = Math.Min(bytes.Length, buffer.Length - used);
            bytes[..count].CopyTo(buffer.AsMemory(used));
            bytes = bytes[count..];
            await AdvanceAsync(count, cancellationToken);
        }
    }

    /// <summary>Copies up to <paramref name="length"/> bytes; returns how many there were.</summary>
    public async ValueTask<long> CopyAsync(Stream content, long length, CancellationToken cancellationToken)
    {
        var left = length;
        while (left > 0)
        {
            var count = await content.ReadAsync(buffer.AsMemory(used, (int)Math.Min(left, buffer.Length - used)), cancellationToken);
            if (count == 0)
                break;
            left -= count;
            await AdvanceAsync(count, cancellationToken);
        }
        return length - left;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (used > 0)
            await send(buffer.AsMemory(0, used), cancellationToken);
        used = 0;
    }

    private ValueTask AdvanceAsync(int count, CancellationToken cancellationToken)
    {
        used += count;
        Position += count;
        return used == buffer.Length ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }
}

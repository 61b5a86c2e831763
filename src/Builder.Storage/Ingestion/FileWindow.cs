namespace Builder.Storage.Ingestion;

/// <summary>A part of a file in memory that moves along, forwards or backwards; as large as the largest piece asked for.</summary>
internal sealed class FileWindow(FileStream file, int usualSize)
{
    private byte[] buffer = [];
    private long start;
    private int length;

    public async ValueTask<ReadOnlyMemory<byte>> StartingAtAsync(long from, int count, CancellationToken cancellationToken)
    {
        if (from < start || from + count > start + length)
            await LoadAsync(from, count, cancellationToken);
        return Piece(from, count);
    }

    public async ValueTask<ReadOnlyMemory<byte>> EndingAtAsync(long to, int count, CancellationToken cancellationToken)
    {
        if (to - count < start || to > start + length)
            await LoadAsync(Math.Max(0, to - Math.Max(count, usualSize)), (int)Math.Min(to, Math.Max(count, usualSize)), cancellationToken);
        return Piece(to - count, count);
    }

    private ReadOnlyMemory<byte> Piece(long from, int count) =>
        from >= start && from + count <= start + length
            ? buffer.AsMemory((int)(from - start), count)
            : throw new InvalidDataException($"{file.Name} ends before byte {from + count}");

    private async Task LoadAsync(long from, int count, CancellationToken cancellationToken)
    {
        var wanted = Math.Max(count, usualSize);
        if (buffer.Length < wanted)
            buffer = new byte[wanted];
        start = from;
        length = 0;
        int read;
        while (
            length < wanted
            && (
                read = await RandomAccess.ReadAsync(
                    file.SafeFileHandle,
                    buffer.AsMemory(length, wanted - length),
                    from + length,
                    cancellationToken
                )
            ) > 0
        )
            length += read;
    }
}

namespace Builder.Publishing.Archives;

/// <summary>Reads from another stream and refuses to give more than a limit: a bomb ends here and not in memory or on the disk.</summary>
internal sealed class LimitedStream(Stream source, long limit, string what) : ReadOnlyStream
{
    private long given;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await source.ReadAsync(buffer, cancellationToken);
        given += count;
        return given <= limit ? count : throw new PackageException($"{what} is larger than {limit} bytes when unpacked");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await base.DisposeAsync();
    }
}

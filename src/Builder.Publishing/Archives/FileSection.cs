namespace Builder.Publishing.Archives;

/// <summary>The bytes from <paramref name="offset"/> on, <paramref name="length"/> of them, of an open file.</summary>
internal sealed class FileSection(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, long length) : ReadOnlyStream
{
    private long position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, length - position);
        if (wanted == 0)
            return 0;
        var count = await RandomAccess.ReadAsync(file, buffer[..wanted], offset + position, cancellationToken);
        position += count;
        return count;
    }

    public async Task<byte[]> LastBytesAsync(int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        if (length < count || await RandomAccess.ReadAsync(file, bytes, offset + length - count, cancellationToken) < count)
            throw new PackageException("cannot be unpacked: it is too short");
        return bytes;
    }
}

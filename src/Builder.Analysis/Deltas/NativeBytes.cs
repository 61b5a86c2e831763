using System.Runtime.InteropServices;

namespace Builder.Analysis.Deltas;

/// <summary>
/// A block of memory outside the collected heap: contents of up to <see cref="MaxLength"/> bytes come and go here without a trace, where the heap would
/// keep their pages.
/// </summary>
public sealed class NativeBytes : IDisposable
{
    /// <summary>A content and its base are in memory together, so larger ones are not compared.</summary>
    public const int MaxLength = 256 << 20;

    private unsafe void* start;

    /// <exception cref="InvalidDataException">More than <see cref="MaxLength"/>, which no content that is handled in memory has.</exception>
    public unsafe NativeBytes(long length)
    {
        if (length is < 0 or > MaxLength)
            throw new InvalidDataException($"{length} bytes are more than the {MaxLength} that are handled in memory");
        Length = (int)length;
        start = NativeMemory.Alloc((nuint)Math.Max(1, length));
    }

    ~NativeBytes() => Free();

    public int Length { get; private set; }

    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public unsafe Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(start is null, this);
            return new Span<byte>(start, Length);
        }
    }

    /// <summary>Reads exactly as many bytes as it has room for.</summary>
    /// <exception cref="EndOfStreamException">The stream has fewer.</exception>
    public async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        const int piece = 1 << 20;
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(piece);
        try
        {
            for (var position = 0; position < Length; )
            {
                var count = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(piece, Length - position)), cancellationToken);
                if (count == 0)
                    throw new EndOfStreamException($"the content ends after {position} of {Length} bytes");
                buffer.AsSpan(0, count).CopyTo(Span[position..]);
                position += count;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Keeps the first bytes and gives the rest back.</summary>
    public unsafe void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        start = NativeMemory.Realloc(start, (nuint)Math.Max(1, length));
        Length = length;
    }

    /// <summary>A stream over all of it; it must end before the memory does.</summary>
    public unsafe Stream OpenStream()
    {
        ObjectDisposedException.ThrowIf(start is null, this);
        return new Reader(this);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private unsafe void Free()
    {
        NativeMemory.Free(start);
        start = null;
    }

    /// <summary>Owns the memory: closing it gives the memory back.</summary>
    private sealed unsafe class Reader(NativeBytes bytes) : UnmanagedMemoryStream((byte*)bytes.start, bytes.Length)
    {
        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing)
                bytes.Dispose();
        }
    }
}

using Microsoft.Win32.SafeHandles;

namespace Builder.Analysis.Elf;

/// <summary>Bytes at offsets: memory, a seekable stream, or an open file. Only what is asked for is read.</summary>
public abstract class ByteSource
{
    public abstract long Length { get; }

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="EndOfStreamException">They are not all there.</exception>
    public abstract void Read(long offset, Span<byte> destination);

    public static ByteSource Of(ReadOnlyMemory<byte> bytes) => new Memory(bytes);

    /// <param name="stream">Seekable; stays open, and its position moves.</param>
    public static ByteSource Of(Stream stream) => new Seekable(stream);

    public static ByteSource Of(SafeFileHandle file) => new OpenFile(file);

    private sealed class Memory(ReadOnlyMemory<byte> bytes) : ByteSource
    {
        public override long Length => bytes.Length;

        public override void Read(long offset, Span<byte> destination)
        {
            if (offset < 0 || offset > bytes.Length - destination.Length)
                throw new EndOfStreamException();
            bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
        }
    }

    private sealed class Seekable(Stream stream) : ByteSource
    {
        public override long Length { get; } = stream.Length;

        public override void Read(long offset, Span<byte> destination)
        {
            stream.Position = offset;
            stream.ReadExactly(destination);
        }
    }

    private sealed class OpenFile(SafeFileHandle file) : ByteSource
    {
        public override long Length { get; } = RandomAccess.GetLength(file);

        public override void Read(long offset, Span<byte> destination)
        {
            while (!destination.IsEmpty)
            {
                var read = RandomAccess.Read(file, destination, offset);
                if (read == 0)
                    throw new EndOfStreamException();
                destination = destination[read..];
                offset += read;
            }
        }
    }
}

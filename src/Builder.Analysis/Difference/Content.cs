using System.Security.Cryptography;
using Builder.Analysis.Elf;

namespace Builder.Analysis.Difference;

/// <summary>Bytes of one side: a file, a member of an archive, or something unpacked.</summary>
public sealed class Content : IDisposable
{
    // Below the size at which an array is kept until a full collection.
    private const int BlockLength = 1 << 16;
    private const int StartLength = 1024;

    private readonly IDisposable? owned;
    private byte[]? start;
    private string? sha256;

    /// <param name="name">File name without directories; only a hint.</param>
    /// <param name="owned">Disposed with this.</param>
    public Content(string name, ByteSource bytes, IDisposable? owned = null)
    {
        Name = name;
        Bytes = bytes;
        this.owned = owned;
    }

    public string Name { get; }

    public ByteSource Bytes { get; }

    /// <summary>In bytes.</summary>
    public long Length => Bytes.Length;

    /// <summary>The first bytes, 1,024 at most.</summary>
    public ReadOnlySpan<byte> Start => start ??= ReadStart();

    /// <summary>Lower-case hexadecimal, computed at the first use.</summary>
    public string Sha256 => sha256 ??= Hash();

    public static Content Open(string path)
    {
        var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        return new Content(Path.GetFileName(path), ByteSource.Of(file), file);
    }

    public bool StartsWith(ReadOnlySpan<byte> magic) => Start.StartsWith(magic);

    /// <summary>All bytes.</summary>
    /// <exception cref="InvalidDataException">More than <paramref name="max"/> bytes.</exception>
    public byte[] ReadAll(int max)
    {
        if (Length > max)
            throw new InvalidDataException($"it is larger than {max} bytes");
        var bytes = new byte[Length];
        Bytes.Read(0, bytes);
        return bytes;
    }

    /// <summary>Up to <paramref name="count"/> bytes from <paramref name="offset"/> on; fewer at the end.</summary>
    public byte[] Read(long offset, int count)
    {
        var bytes = new byte[(int)Math.Clamp(Length - offset, 0, count)];
        if (bytes.Length > 0)
            Bytes.Read(offset, bytes);
        return bytes;
    }

    /// <summary>The bytes of <paramref name="offset"/> to <paramref name="offset"/> + <paramref name="length"/>, without a copy.</summary>
    /// <exception cref="EndOfStreamException">They are not all there.</exception>
    public Content Section(string name, long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new EndOfStreamException($"\"{name}\" reaches beyond the end");
        return new Content(name, new SectionSource(Bytes, offset, length));
    }

    public Stream OpenStream() => new ByteSourceStream(Bytes);

    public ContentSummary Summarize() => new(Length, Sha256);

    /// <summary>Compares bytes up to the first that differs.</summary>
    public static bool AreEqual(Content left, Content right, CancellationToken cancellationToken)
    {
        if (left.Length != right.Length)
            return false;
        if (left.sha256 is not null && right.sha256 is not null)
            return left.sha256 == right.sha256;
        var block = (int)Math.Min(BlockLength, left.Length);
        var (a, b) = (new byte[block], new byte[block]);
        for (long offset = 0; offset < left.Length; offset += block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(block, left.Length - offset);
            left.Bytes.Read(offset, a.AsSpan(0, count));
            right.Bytes.Read(offset, b.AsSpan(0, count));
            if (!a.AsSpan(0, count).SequenceEqual(b.AsSpan(0, count)))
                return false;
        }
        return true;
    }

    public void Dispose() => owned?.Dispose();

    private byte[] ReadStart() => Read(0, StartLength);

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[(int)Math.Min(BlockLength, Length)];
        for (long offset = 0; offset < Length; offset += block.Length)
        {
            var count = (int)Math.Min(block.Length, Length - offset);
            Bytes.Read(offset, block.AsSpan(0, count));
            hash.AppendData(block, 0, count);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed class SectionSource(ByteSource source, long start, long length) : ByteSource
    {
        public override long Length => length;

        public override void Read(long offset, Span<byte> destination)
        {
            if (offset < 0 || offset > length - destination.Length)
                throw new EndOfStreamException();
            source.Read(start + offset, destination);
        }
    }
}

using System.Security.Cryptography;
using Builder.Analysis.Values;
using Builder.Posix;
using Builder.Protocol.Values;

namespace Builder.Server.Files;

/// <summary>Writes a file, its checksums and its digest in one go.</summary>
internal sealed class SummingFile(string path) : IAsyncDisposable
{
    private readonly FileStream file = PrivateFiles.Open(path, FileMode.Create, bufferSize: 0);
    private readonly PieceChecksums checksums = new();
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public Stream Stream => new Writing(file, checksums, hash);

    public long Length => file.Length;

    /// <summary>Of all that was written; once.</summary>
    public Sha256Digest EndDigest() => Sha256Digest.FromBytes(hash.GetHashAndReset());

    /// <summary>Syncs the file.</summary>
    public ByteString End()
    {
        file.Flush(flushToDisk: true);
        return checksums.End();
    }

    public ValueTask DisposeAsync()
    {
        hash.Dispose();
        return file.DisposeAsync();
    }

    private sealed class Writing(FileStream file, PieceChecksums checksums, IncrementalHash hash) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            checksums.Add(buffer.Span);
            hash.AppendData(buffer.Span);
            return file.WriteAsync(buffer, cancellationToken);
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("write asynchronously");

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => file.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

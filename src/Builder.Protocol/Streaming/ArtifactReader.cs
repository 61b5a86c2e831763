using System.Buffers;
using System.Runtime.CompilerServices;
using Builder.Protocol.Der;
using Builder.Protocol.Values;

namespace Builder.Protocol.Streaming;

/// <summary>Reads a list of artifacts, whose header has been read, as it comes in.</summary>
internal static class ArtifactReader
{
    private const int MaxPathLength = 64 << 10;

    public static async IAsyncEnumerable<ArtifactContent> ReadAsync(
        DerStream der,
        ArtifactPaths paths,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (der.NextItem())
        {
            await der.EnterSequenceAsync("", cancellationToken);
            var (bytes, path) = await ReadPathAsync(der, paths, cancellationToken);
            var header = await der.ReadHeaderAsync(DerTag.Text, "data", cancellationToken);
            await using var content = new ContentStream(der, "data", header.Length);
            yield return new ArtifactContent(bytes, path, header.Length, content);
            await content.SkipRestAsync(cancellationToken);
            der.Leave();
        }
        der.Leave();
    }

    private static async ValueTask<(ByteString, ArtifactPath?)> ReadPathAsync(
        DerStream der,
        ArtifactPaths paths,
        CancellationToken cancellationToken
    )
    {
        var (reader, _) = await der.ReadElementAsync("path", MaxPathLength, cancellationToken);
        var bytes = reader.ReadText("path");
        if (ArtifactPath.TryParse(bytes, out var path, out var reason))
            return (bytes, path);
        var isTolerable = paths == ArtifactPaths.AsWritten && !bytes.IsEmpty && !bytes.Span.Contains((byte)0);
        return isTolerable ? (bytes, null) : throw reader.MalformedContent("path", bytes.Length, reason);
    }

    /// <summary>The content of one artifact.</summary>
    private sealed class ContentStream(DerStream der, string name, long length) : Stream
    {
        private const int PieceToSkip = 64 << 10;

        private long position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => position;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var wanted = (int)Math.Min(buffer.Length, length - position);
            if (wanted == 0)
                return 0;
            var count = await der.ReadContentAsync(buffer[..wanted], name, cancellationToken);
            position += count;
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public async ValueTask SkipRestAsync(CancellationToken cancellationToken)
        {
            if (position == length)
                return;
            var buffer = ArrayPool<byte>.Shared.Rent(PieceToSkip);
            try
            {
                while (await ReadAsync(buffer, cancellationToken) > 0) { }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read asynchronously");

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

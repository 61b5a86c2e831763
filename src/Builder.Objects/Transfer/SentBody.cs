using System.Buffers;
using System.Net;
using System.Security.Cryptography;

namespace Builder.Objects.Transfer;

/// <summary>What a request carries; it can be read again for each attempt.</summary>
/// <param name="Sha256">In lower case hex: the store refuses other bytes.</param>
internal abstract record SentBody(long Length, string Sha256)
{
    protected const int BufferSize = 128 * 1024;

    public static SentBody None { get; } = new Bytes(ReadOnlyMemory<byte>.Empty);

    public abstract HttpContent ToContent(IdleLimit idle);

    /// <summary>Bytes in memory: small ones.</summary>
    public sealed record Bytes(ReadOnlyMemory<byte> Content)
        : SentBody(Content.Length, Convert.ToHexStringLower(SHA256.HashData(Content.Span)))
    {
        public override HttpContent ToContent(IdleLimit idle) => new ReadOnlyMemoryContent(Content);
    }

    /// <summary>A piece of a file.</summary>
    public sealed record FilePart(string Path, long Offset, long Length, string Sha256) : SentBody(Length, Sha256)
    {
        public override HttpContent ToContent(IdleLimit idle) => new FileContent(this, idle);

        /// <summary>Reads the piece once to hash it.</summary>
        public static async Task<FilePart> OfAsync(string path, long offset, long length, CancellationToken cancellationToken)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await ReadAsync(
                path,
                offset,
                length,
                piece =>
                {
                    hash.AppendData(piece.Span);
                    return ValueTask.CompletedTask;
                },
                cancellationToken
            );
            return new FilePart(path, offset, length, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
    }

    private static async Task ReadAsync(
        string path,
        long offset,
        long length,
        Func<ReadOnlyMemory<byte>, ValueTask> take,
        CancellationToken cancellationToken
    )
    {
        using var file = File.OpenHandle(path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long done = 0; done < length; )
            {
                var wanted = (int)Math.Min(buffer.Length, length - done);
                var count = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, wanted), offset + done, cancellationToken);
                if (count == 0)
                    throw new EndOfStreamException($"{path} became shorter while it was sent");
                await take(buffer.AsMemory(0, count));
                done += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class FileContent(FilePart part, IdleLimit idle) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            ReadAsync(
                part.Path,
                part.Offset,
                part.Length,
                async piece =>
                {
                    await stream.WriteAsync(piece, cancellationToken);
                    idle.Restart();
                },
                cancellationToken
            );

        protected override bool TryComputeLength(out long length)
        {
            length = part.Length;
            return true;
        }
    }
}

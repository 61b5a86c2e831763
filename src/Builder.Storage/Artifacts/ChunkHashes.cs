using System.Buffers.Binary;
using System.Security.Cryptography;
using Builder.Posix;

namespace Builder.Storage.Artifacts;

/// <summary>
/// The SHA-256 of each MiB of a content, kept beside it so that a range of a large file can be checked without reading all of it. It can
/// always be made anew from a content whose own hash is right, so it needs neither syncing nor a backup.
/// </summary>
internal sealed class ChunkHashes
{
    public const int ChunkInBytes = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "chunks1\n"u8;

    private static int HeaderLength => Magic.Length + sizeof(long);

    private readonly byte[] hashes;
    private readonly long length;

    private ChunkHashes(long length, byte[] hashes) => (this.length, this.hashes) = (length, hashes);

    public static int CountFor(long length) => checked((int)((length + ChunkInBytes - 1) / ChunkInBytes));

    public static ChunkHashes Of(long length, IReadOnlyCollection<byte[]> chunks) =>
        new(length, [.. chunks.SelectMany(static chunk => chunk)]);

    public bool Matches(long chunk, ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return hash.SequenceEqual(hashes.AsSpan(checked((int)chunk) * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes));
    }

    /// <summary>Null where there is none, or it is torn or of another length: then it is to be made anew.</summary>
    public static ChunkHashes? Read(string path, long length)
    {
        try
        {
            return Parse(File.ReadAllBytes(path), length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Null where the bytes are torn or of another length.</summary>
    public static ChunkHashes? Parse(byte[] bytes, long length)
    {
        var size = CountFor(length) * SHA256.HashSizeInBytes;
        if (
            bytes.Length != HeaderLength + size + SHA256.HashSizeInBytes
            || !bytes.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(Magic.Length)) != length
        )
        {
            return null;
        }
        return SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(^SHA256.HashSizeInBytes..))
            ? new ChunkHashes(length, bytes[HeaderLength..^SHA256.HashSizeInBytes])
            : null;
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public byte[] ToBytes()
    {
        var content = new byte[HeaderLength + hashes.Length + SHA256.HashSizeInBytes];
        Magic.CopyTo(content);
        BinaryPrimitives.WriteInt64BigEndian(content.AsSpan(Magic.Length), length);
        hashes.CopyTo(content, HeaderLength);
        SHA256.HashData(content.AsSpan(..^SHA256.HashSizeInBytes), content.AsSpan(^SHA256.HashSizeInBytes..));
        return content;
    }

    /// <returns>Why they could not be kept, or null. They are then made again when they are needed.</returns>
    public string? TryWrite(string path)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        try
        {
            PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var file = PrivateFiles.Open(unfinished, FileMode.CreateNew, bufferSize: 0))
                file.Write(ToBytes());
            File.Move(unfinished, path, overwrite: true);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using Builder.Analysis.Values;

namespace Builder.Proof.Records;

/// <summary>
/// The digest of a list of artifacts in their order: SHA-256 over, for each, the length of its path (4 bytes, big endian), the path, its size
/// (8 bytes) and its SHA-256.
/// </summary>
public sealed class ArtifactListDigest : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public int Count { get; private set; }

    public void Add(ReadOnlySpan<byte> path, long size, Sha256Digest digest)
    {
        Span<byte> numbers = stackalloc byte[sizeof(int) + sizeof(long)];
        BinaryPrimitives.WriteInt32BigEndian(numbers, path.Length);
        BinaryPrimitives.WriteInt64BigEndian(numbers[sizeof(int)..], size);
        hash.AppendData(numbers[..sizeof(int)]);
        hash.AppendData(path);
        hash.AppendData(numbers[sizeof(int)..]);
        hash.AppendData(digest.ToByteArray());
        Count++;
    }

    public Sha256Digest End() => Sha256Digest.FromBytes(hash.GetHashAndReset());

    public void Dispose() => hash.Dispose();
}

using System.Security.Cryptography;
using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>The hashes of a Merkle tree (RFC 6962 section 2.1): leaves and nodes begin with different bytes, so that neither reads as the other.</summary>
public static class MerkleHash
{
    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;

    /// <summary>The root of a tree without leaves.</summary>
    public static Sha256Digest Empty { get; } = Sha256Digest.Of([]);

    public static Sha256Digest OfLeaf(ReadOnlySpan<byte> leaf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([LeafPrefix]);
        hash.AppendData(leaf);
        Span<byte> bytes = stackalloc byte[Sha256Digest.SizeInBytes];
        hash.GetHashAndReset(bytes);
        return Sha256Digest.FromBytes(bytes);
    }

    public static Sha256Digest OfNode(Sha256Digest left, Sha256Digest right)
    {
        Span<byte> bytes = stackalloc byte[1 + (2 * Sha256Digest.SizeInBytes)];
        bytes[0] = NodePrefix;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Sha256Digest.SizeInBytes)..]);
        return Sha256Digest.Of(bytes);
    }

    /// <summary>The root of a full subtree: <paramref name="hashes"/> are a power of two of its nodes, from left to right, all of one level.</summary>
    internal static Sha256Digest OfFullSubtree(ReadOnlySpan<Sha256Digest> hashes)
    {
        if (hashes.Length == 1)
            return hashes[0];
        var half = hashes.Length / 2;
        return OfNode(OfFullSubtree(hashes[..half]), OfFullSubtree(hashes[half..]));
    }
}

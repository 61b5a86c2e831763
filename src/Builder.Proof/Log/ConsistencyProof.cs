using System.Numerics;
using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>Shows that a tree only grew: that the first leaves of the larger one are all leaves of the smaller one (RFC 6962 section 2.1.2).</summary>
public static class ConsistencyProof
{
    /// <summary>No proof between trees of up to 2^63 leaves is longer.</summary>
    public const int MaxHashes = 63;

    /// <summary>The parts of the larger tree whose hashes make the proof, in its order.</summary>
    internal static IReadOnlyList<TreeRange> Ranges(long oldSize, long newSize)
    {
        if (oldSize < 0 || oldSize > newSize)
            throw new ArgumentOutOfRangeException(nameof(oldSize), $"a tree of {newSize} leaves never had {oldSize}");
        var ranges = new List<TreeRange>();
        if (oldSize == 0 || oldSize == newSize)
            return ranges;
        var (begin, end, isOldRoot) = (0L, newSize, true);
        while (end != oldSize)
        {
            var middle = begin + TreeRange.Split(end - begin);
            if (oldSize <= middle)
            {
                ranges.Add(new TreeRange(middle, end));
                end = middle;
            }
            else
            {
                ranges.Add(new TreeRange(begin, middle));
                (begin, isOldRoot) = (middle, false);
            }
        }
        // The verifier has the root of the smaller tree where that is a subtree of the larger one.
        if (!isOldRoot)
            ranges.Add(new TreeRange(begin, end));
        ranges.Reverse();
        return ranges;
    }

    /// <summary>Whether the proof leads from one root to the other (RFC 9162 section 2.1.4.2).</summary>
    public static bool Verify(long oldSize, Sha256Digest oldRoot, long newSize, Sha256Digest newRoot, IReadOnlyList<Sha256Digest> proof)
    {
        if (oldSize < 0 || oldSize > newSize)
            return false;
        if (oldSize == newSize)
            return proof.Count == 0 && oldRoot == newRoot;
        if (oldSize == 0)
            return proof.Count == 0 && oldRoot == MerkleHash.Empty;
        return VerifyGrowth(oldSize, oldRoot, newSize, newRoot, proof);
    }

    private static bool VerifyGrowth(
        long oldSize,
        Sha256Digest oldRoot,
        long newSize,
        Sha256Digest newRoot,
        IReadOnlyList<Sha256Digest> proof
    )
    {
        var isOldRootFirst = BitOperations.IsPow2(oldSize);
        if (!isOldRootFirst && proof.Count == 0)
            return false;
        var (node, last) = (oldSize - 1, newSize - 1);
        var lowest = BitOperations.TrailingZeroCount(~node);
        (node, last) = (node >> lowest, last >> lowest);
        var oldHash = isOldRootFirst ? oldRoot : proof[0];
        var newHash = oldHash;
        foreach (var beside in proof.Skip(isOldRootFirst ? 0 : 1))
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                oldHash = MerkleHash.OfNode(beside, oldHash);
                newHash = MerkleHash.OfNode(beside, newHash);
                while ((node & 1) == 0 && node != 0)
                    (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                newHash = MerkleHash.OfNode(newHash, beside);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && oldHash == oldRoot && newHash == newRoot;
    }
}

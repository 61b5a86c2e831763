using Builder.Analysis.Values;

namespace Builder.Proof.Log;

/// <summary>Shows that a leaf stands at its place in a tree (RFC 6962 section 2.1.1): the hashes beside the way from the leaf to the root.</summary>
public static class InclusionProof
{
    /// <summary>No tree of 2^63 leaves is higher.</summary>
    public const int MaxHashes = 63;

    /// <summary>The parts of the tree whose hashes make the proof, in its order: from the leaf up.</summary>
    internal static IReadOnlyList<TreeRange> Ranges(long index, long size)
    {
        if (index < 0 || index >= size)
            throw new ArgumentOutOfRangeException(nameof(index), $"a tree of {size} leaves has no leaf {index}");
        var ranges = new List<TreeRange>();
        var (begin, end) = (0L, size);
        while (end - begin > 1)
        {
            var middle = begin + TreeRange.Split(end - begin);
            ranges.Add(index < middle ? new TreeRange(middle, end) : new TreeRange(begin, middle));
            (begin, end) = index < middle ? (begin, middle) : (middle, end);
        }
        ranges.Reverse();
        return ranges;
    }

    /// <summary>Whether the proof leads from the leaf at <paramref name="index"/> to <paramref name="root"/> (RFC 9162 section 2.1.3.2).</summary>
    public static bool Verify(Sha256Digest leafHash, long index, long size, IReadOnlyList<Sha256Digest> proof, Sha256Digest root)
    {
        if (index < 0 || index >= size)
            return false;
        var (node, last) = (index, size - 1);
        var hash = leafHash;
        foreach (var beside in proof)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = MerkleHash.OfNode(beside, hash);
                while ((node & 1) == 0 && node != 0)
                    (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                hash = MerkleHash.OfNode(hash, beside);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && hash == root;
    }
}

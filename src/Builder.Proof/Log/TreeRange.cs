using System.Numerics;

namespace Builder.Proof.Log;

/// <summary>Leaves from <paramref name="Begin"/> to before <paramref name="End"/>, whose hash is one hash of a proof. Never empty.</summary>
internal readonly record struct TreeRange(long Begin, long End)
{
    /// <summary>The full subtrees that the range consists of, from left to right: large ones first, as the range begins where a full subtree of its size would.</summary>
    public IEnumerable<TreeNode> FullSubtrees()
    {
        var begin = Begin;
        while (begin < End)
        {
            var level = BitOperations.Log2((ulong)(End - begin));
            yield return new TreeNode(level, begin >> level);
            begin += 1L << level;
        }
    }

    /// <summary>Where a tree of so many leaves, at least two, has its left subtree end: the largest power of two that is smaller (RFC 6962 section 2.1).</summary>
    public static long Split(long leaves) => 1L << BitOperations.Log2((ulong)(leaves - 1));
}

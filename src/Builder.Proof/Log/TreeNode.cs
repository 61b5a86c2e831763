namespace Builder.Proof.Log;

/// <summary>A full subtree: <c>2^Level</c> leaves, the <paramref name="Index"/>th of its level.</summary>
internal readonly record struct TreeNode(int Level, long Index);

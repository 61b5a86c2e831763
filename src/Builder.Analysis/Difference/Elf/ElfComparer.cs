namespace Builder.Analysis.Difference.Elf;

/// <summary>Programs, libraries and object files: what changed in their code and data, and what only moved because of it.</summary>
internal sealed class ElfComparer : IContentComparer
{
    public bool Takes(Content left, Content right) => left.StartsWith("\u007FELF"u8) && right.StartsWith("\u007FELF"u8);

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        var left = ElfSide.Open(pair.Left.Bytes);
        var right = ElfSide.Open(pair.Right.Bytes);
        var node = new ElfComparison(left, right, pair, context).Run();
        foreach (var notice in left.Notices.Concat(right.Notices).Distinct())
            node.Notices.Add(notice);
        return ValueTask.FromResult(node);
    }
}

namespace Builder.Analysis.Difference.Containers;

/// <summary>tar archives of all dialects.</summary>
internal sealed class TarComparer : IContentComparer
{
    public bool Takes(Content left, Content right) => TarFields.IsHeader(left.Start) && TarFields.IsHeader(right.Start);

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context) =>
        ArchiveComparison.CompareAsync(
            pair,
            TarReader.Read(pair.Left, context),
            TarReader.Read(pair.Right, context),
            new ArchiveFormat("tar", Causes.Fixes.TarOrder),
            context
        );
}

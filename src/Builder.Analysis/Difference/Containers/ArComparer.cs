namespace Builder.Analysis.Difference.Containers;

/// <summary>ar archives: static libraries and Debian packages.</summary>
internal sealed class ArComparer : IContentComparer
{
    public bool Takes(Content left, Content right) => left.StartsWith(ArReader.Magic) && right.StartsWith(ArReader.Magic);

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        var (left, right) = (ArReader.Read(pair.Left, context), ArReader.Read(pair.Right, context));
        var isDebian = left.FirstOrDefault()?.Name == "debian-binary" && right.FirstOrDefault()?.Name == "debian-binary";
        var format = isDebian ? new ArchiveFormat(".deb", IsEnvelope: true) : new ArchiveFormat("ar", Causes.Fixes.ArOrder);
        return ArchiveComparison.CompareAsync(pair, left, right, format, context);
    }
}

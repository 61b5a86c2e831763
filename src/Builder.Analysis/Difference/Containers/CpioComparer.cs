namespace Builder.Analysis.Difference.Containers;

/// <summary>cpio archives in the "newc" format, as initramfs and RPM have them.</summary>
internal sealed class CpioComparer : IContentComparer
{
    public bool Takes(Content left, Content right) => CpioReader.IsMagic(left.Start) && CpioReader.IsMagic(right.Start);

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context) =>
        ArchiveComparison.CompareAsync(
            pair,
            CpioReader.Read(pair.Left, context),
            CpioReader.Read(pair.Right, context),
            new ArchiveFormat("cpio", "Give the files to cpio in sorted order: find . | LC_ALL=C sort | cpio --reproducible -o -H newc."),
            context
        );
}

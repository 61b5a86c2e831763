namespace Builder.Analysis.Difference.Containers;

/// <summary>zip archives, and what is one under another name: jar, whl, apk, docx.</summary>
internal sealed class ZipComparer : IContentComparer
{
    public bool Takes(Content left, Content right) => IsZip(left) && IsZip(right);

    public ValueTask<DifferenceNode> CompareAsync(ContentPair pair, DifferenceContext context)
    {
        var (left, right) = (
            ZipReader.Read(pair.Left, context, out var leftComment),
            ZipReader.Read(pair.Right, context, out var rightComment)
        );
        return CompareAsync(pair, left, right, leftComment, rightComment, context);
    }

    private static async ValueTask<DifferenceNode> CompareAsync(
        ContentPair pair,
        List<ArchiveMember> left,
        List<ArchiveMember> right,
        string leftComment,
        string rightComment,
        DifferenceContext context
    )
    {
        var node = await ArchiveComparison.CompareAsync(pair, left, right, new ArchiveFormat("zip", Causes.Fixes.ZipOrder), context);
        if (leftComment != rightComment)
        {
            node.Changes.Add(new Change(ChangeType.Field, "archive comment", leftComment, rightComment));
            node.Causes.Add(
                context.Causes.Create(
                    context.Causes.Find(leftComment, rightComment),
                    pair.PlaceOf("archive comment"),
                    leftComment,
                    rightComment
                )
            );
        }
        return node;
    }

    private static bool IsZip(Content content) =>
        content.StartsWith("PK\x03\x04"u8) || content.StartsWith("PK\x05\x06"u8) || content.StartsWith("PK00PK\x03\x04"u8);
}

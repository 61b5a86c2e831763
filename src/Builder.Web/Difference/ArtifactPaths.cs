using Builder.Analysis.Difference;

namespace Builder.Web.Difference;

/// <summary>Puts the path of the artifact before the paths that the engine gives, which are inside one file.</summary>
internal static class ArtifactPaths
{
    private const string Elf = "ELF";

    /// <summary>A copy of the tree under the artifact's path.</summary>
    public static DifferenceNode Of(DifferenceNode root, string artifact) => Copy(root, artifact, isPlace: root.Kind == Elf);

    /// <summary>The causes of a file under the artifact's path.</summary>
    public static IReadOnlyList<Cause> Of(DifferenceResult result, string artifact)
    {
        if (result.Root is not { } root)
            return [];
        var own = root.Causes.Select(static cause => cause.Path).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. result.Causes.Select(cause =>
                cause with
                {
                    Path = Join(artifact, cause.Path, root.Kind == Elf || own.Contains(cause.Path)),
                }
            ),
        ];
    }

    private static DifferenceNode Copy(DifferenceNode node, string artifact, bool isPlace)
    {
        var isRoot = node.Path.Length == 0;
        var copy = new DifferenceNode(Join(artifact, node.Path, isPlace), node.Kind)
        {
            Status = node.Status,
            Follows = node.Follows,
            Left = node.Left,
            Right = node.Right,
        };
        copy.Causes.AddRange(node.Causes.Select(cause => cause with { Path = Join(artifact, cause.Path, isPlace || isRoot) }));
        copy.Changes.AddRange(node.Changes);
        copy.Notices.AddRange(node.Notices);
        foreach (var child in node.Children)
            copy.Children.Add(Copy(child, artifact, isPlace));
        return copy;
    }

    private static string Join(string artifact, string path, bool isPlace) =>
        path.Length == 0 ? artifact
        : isPlace ? $"{artifact}: {path}"
        : $"{artifact}/{path}";
}

namespace Builder.Analysis.Difference;

/// <summary>The path of a cause: archives and their members with slashes between, then <c>: </c> and the place in the last of them.</summary>
public static class CausePath
{
    /// <summary>Without the place in the file.</summary>
    public static string WithoutPlace(string path) =>
        path.IndexOf(": ", StringComparison.Ordinal) is > 0 and var place ? path[..place] : path;

    /// <summary>Without the place, and from the root of the innermost archive on.</summary>
    public static string FileOf(string path)
    {
        var file = WithoutPlace(path);
        var root = file.LastIndexOf("/./", StringComparison.Ordinal);
        return root >= 0 && root + 3 < file.Length ? file[(root + 3)..] : file;
    }

    /// <summary>What a pattern may name the path by.</summary>
    internal static IEnumerable<string> Forms(string path) => [path, WithoutPlace(path), FileOf(path)];
}

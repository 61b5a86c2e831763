namespace Builder.Analysis.Difference.Causes;

/// <summary>Absolute paths that share a tail, or that lie under directories in which people build.</summary>
internal static class BuildPathPattern
{
    /// <summary>Stands for a path in a text that is compared further.</summary>
    public const char Mark = '\uFFFA';

    private const int MaxText = 4096;

    private static readonly string[] Roots =
    [
        "/build/",
        "/builds/",
        "/tmp/",
        "/home/",
        "/root/",
        "/var/tmp/",
        "/var/lib/",
        "/usr/src/",
        "/workspace/",
        "/src/",
        "/mnt/",
        "/srv/",
        "/opt/",
        "/data/",
        "/Users/",
    ];

    /// <summary>Whether paths that differ as builds differ are on both sides; what else differs is left in the marked texts.</summary>
    public static bool TryMark(string left, string right, DifferenceOptions options, out string markedLeft, out string markedRight)
    {
        (markedLeft, markedRight) = (left, right);
        if (left.Length > MaxText || right.Length > MaxText)
            return false;
        var (leftMarked, leftPaths) = Split(left);
        var (rightMarked, rightPaths) = Split(right);
        if (leftPaths.Count == 0 || leftPaths.Count != rightPaths.Count)
            return false;
        var any = false;
        for (var i = 0; i < leftPaths.Count; i++)
        {
            if (leftPaths[i] == rightPaths[i])
                continue;
            if (!IsPair(leftPaths[i], rightPaths[i], options))
                return false;
            any = true;
        }
        if (any)
            (markedLeft, markedRight) = (leftMarked, rightMarked);
        return any;
    }

    private static bool IsPair(string left, string right, DifferenceOptions options)
    {
        if (IsUnder(left, options.Left.Directory) && IsUnder(right, options.Right.Directory))
            return true;
        if (
            Roots.Any(root => left.StartsWith(root, StringComparison.Ordinal))
            && Roots.Any(root => right.StartsWith(root, StringComparison.Ordinal))
        )
            return true;
        var leftTail = left.TrimEnd('/')[(left.TrimEnd('/').LastIndexOf('/') + 1)..];
        return leftTail.Length > 0 && leftTail == right.TrimEnd('/')[(right.TrimEnd('/').LastIndexOf('/') + 1)..];
    }

    private static bool IsUnder(string path, string? directory) =>
        directory is { Length: > 1 } && path.StartsWith(directory, StringComparison.Ordinal);

    private static (string Marked, List<string> Paths) Split(string text)
    {
        var marked = new System.Text.StringBuilder(text.Length);
        var paths = new List<string>();
        for (var i = 0; i < text.Length; )
        {
            if (!IsStart(text, i))
            {
                marked.Append(text[i++]);
                continue;
            }
            var end = i;
            while (end < text.Length && IsPathCharacter(text[end]))
                end++;
            paths.Add(text[i..end]);
            marked.Append(Mark);
            i = end;
        }
        return (marked.ToString(), paths);
    }

    // "-I/build/x" starts a path too, "and/or" does not.
    private static bool IsStart(string text, int at)
    {
        if (text[at] != '/' || at + 1 == text.Length || !IsPathCharacter(text[at + 1]) || text[at + 1] == '/')
            return false;
        if (at == 0 || !IsPathCharacter(text[at - 1]))
            return true;
        return at >= 2 && text[at - 2] == '-' && text[at - 1] is 'I' or 'L' or 'B' && (at < 3 || text[at - 3] is ' ' or '"' or '\'');
    }

    private static bool IsPathCharacter(char character) =>
        char.IsLetterOrDigit(character) || character is '/' or '.' or '-' or '_' or '+' or '~' or '@' or '%' or TimestampPattern.Mark;
}

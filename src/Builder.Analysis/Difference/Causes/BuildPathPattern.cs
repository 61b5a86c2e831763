namespace Builder.Analysis.Difference.Causes;

/// <summary>Absolute paths that differ in their head and share their tail, or that lie under build directories.</summary>
internal static class BuildPathPattern
{
    private const int MaxText = 4096;

    private static readonly string[] Roots = ["/build/", "/tmp/", "/home/", "/root/", "/var/tmp/", "/usr/src/", "/workspace/", "/builds/", "/Users/"];

    public static bool IsCause(string left, string right, DifferenceOptions options)
    {
        if (left.Length > MaxText || right.Length > MaxText)
            return false;
        var (leftRest, leftPaths) = Split(left);
        var (rightRest, rightPaths) = Split(right);
        if (leftPaths.Count == 0 || leftPaths.Count != rightPaths.Count || leftRest != rightRest)
            return false;
        for (var i = 0; i < leftPaths.Count; i++)
        {
            if (leftPaths[i] != rightPaths[i] && !IsPair(leftPaths[i], rightPaths[i], options))
                return false;
        }
        return true;
    }

    private static bool IsPair(string left, string right, DifferenceOptions options)
    {
        if (IsUnder(left, options.Left.Directory) && IsUnder(right, options.Right.Directory))
            return true;
        if (Roots.Any(root => left.StartsWith(root, StringComparison.Ordinal)) && Roots.Any(root => right.StartsWith(root, StringComparison.Ordinal)))
            return true;
        var leftTail = left[(left.LastIndexOf('/') + 1)..];
        return leftTail.Length > 0 && leftTail == right[(right.LastIndexOf('/') + 1)..];
    }

    private static bool IsUnder(string path, string? directory) =>
        directory is { Length: > 1 } && path.StartsWith(directory, StringComparison.Ordinal);

    // The text with each absolute path replaced by one mark, and the paths.
    private static (string Marked, List<string> Paths) Split(string text)
    {
        var rest = new System.Text.StringBuilder(text.Length);
        var paths = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            var isStart = text[i] == '/' && (i == 0 || !IsPathCharacter(text[i - 1])) && i + 1 < text.Length && IsPathCharacter(text[i + 1]) && text[i + 1] != '/';
            if (!isStart)
            {
                rest.Append(text[i++]);
                continue;
            }
            var end = i;
            while (end < text.Length && IsPathCharacter(text[end]))
                end++;
            paths.Add(text[i..end]);
            rest.Append('\uFFFC');
            i = end;
        }
        return (rest.ToString(), paths);
    }

    private static bool IsPathCharacter(char character) => char.IsLetterOrDigit(character) || character is '/' or '.' or '-' or '_' or '+' or '~' or '@' or '%';
}

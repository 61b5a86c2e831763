namespace Builder.Analysis.Difference;

/// <summary>Patterns for paths. Takes time in proportion to pattern times path, whatever they are.</summary>
internal static class PathPattern
{
    public static bool Matches(string pattern, string path)
    {
        // reached[i]: the pattern so far matches the first i characters of the path.
        var reached = new bool[path.Length + 1];
        reached[0] = true;
        for (var at = 0; at < pattern.Length; at++)
        {
            if (pattern[at] != '*')
            {
                Step(pattern[at], path, reached);
                continue;
            }
            var crossesSlashes = at + 1 < pattern.Length && pattern[at + 1] == '*';
            if (crossesSlashes)
                at++;
            Spread(path, reached, crossesSlashes);
        }
        return reached[path.Length];
    }

    private static void Step(char wanted, string path, bool[] reached)
    {
        for (var i = path.Length; i > 0; i--)
            reached[i] = reached[i - 1] && (path[i - 1] == wanted || (wanted == '?' && path[i - 1] != '/'));
        reached[0] = false;
    }

    private static void Spread(string path, bool[] reached, bool crossesSlashes)
    {
        for (var i = 1; i <= path.Length; i++)
            reached[i] |= reached[i - 1] && (crossesSlashes || path[i - 1] != '/');
    }
}

namespace Builder.Architecture.Tests;

/// <summary>Folders that reach themselves again along references.</summary>
internal static class Cycles
{
    /// <returns>Each group of folders of which every one reaches every other; empty where there is no way back anywhere.</returns>
    public static IReadOnlyList<IReadOnlySet<string>> Among(IReadOnlyCollection<FolderReference> references)
    {
        var next = references.ToLookup(static reference => reference.From, static reference => reference.To);
        var reached = next.ToDictionary(static group => group.Key, group => From(group.Key, next));
        return
        [
            .. reached
                .Where(static pair => pair.Value.Contains(pair.Key))
                .Select(pair =>
                    (IReadOnlySet<string>)
                        pair.Value.Where(folder => reached.TryGetValue(folder, out var back) && back.Contains(pair.Key)).ToHashSet()
                )
                .DistinctBy(static group => string.Join('\n', group.Order(StringComparer.Ordinal))),
        ];
    }

    private static HashSet<string> From(string start, ILookup<string, string> next)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([start]);
        while (open.TryPop(out var folder))
        {
            foreach (var target in next[folder].Where(reached.Add))
                open.Push(target);
        }
        return reached;
    }
}

using Builder.Protocol.Values;
using Builder.Storage.Ingestion;

namespace Builder.Storage.Migrations;

/// <summary>What this program puts into a data directory and the original programs do not know: they would list it as untracked.</summary>
internal static class OwnEntries
{
    /// <summary>The original counted its drawings from 1, this program counts from 100.</summary>
    private const int FirstDrawing = 100;

    private static readonly string[] OfOriginals = ["_artifacts", "_staging", "_cache"];
    private static readonly string[] InBuilds = [ExecSkeleton.FileName, ExecSkeleton.WithheldFolder];
    private static readonly string[] Drawings = ["treemap_", "dependencies_"];

    /// <summary>The original has none of these.</summary>
    private static readonly string[] Computed = ["difference_", "delta_"];

    /// <summary>Groups of paths relative to <paramref name="root"/>, each group named as it is told to the operator.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string> Paths)> In(string root)
    {
        foreach (
            var name in Names(root)
                .Where(name =>
                    name.StartsWith('_') && !name.StartsWith("_migrating-", StringComparison.Ordinal) && !OfOriginals.Contains(name)
                )
        )
            yield return (name, [name]);
        foreach (var name in Names(Path.Combine(root, "_cache")).Where(IsDrawing))
            yield return ($"_cache/{name}", [$"_cache/{name}"]);
        foreach (var job in Names(root).Where(name => !name.StartsWith('_') && IsDirectory(Path.Combine(root, name))))
        {
            foreach (var build in Names(Path.Combine(root, job)).Where(name => BuildUuid.TryParse(name, out _)))
            {
                var paths = InBuilds.Where(name => Exists(Path.Combine(root, job, build, name))).ToList();
                if (paths.Count > 0)
                    yield return ($"{job}/{build}: {string.Join(", ", paths)}", [.. paths.Select(name => $"{job}/{build}/{name}")]);
            }
        }
    }

    /// <summary>Also for links that lead nowhere.</summary>
    public static bool Exists(string path) => File.Exists(path) || Directory.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>Not for links: what is behind them is somewhere else.</summary>
    public static bool IsDirectory(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };

    private static bool IsDrawing(string name) =>
        Computed.Any(kind => name.StartsWith(kind, StringComparison.Ordinal))
        || Drawings.Any(kind =>
            name.StartsWith(kind, StringComparison.Ordinal) && int.TryParse(name[kind.Length..], out var number) && number >= FirstDrawing
        );

    private static IReadOnlyList<string> Names(string directory) =>
        IsDirectory(directory)
            ? [.. Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
            : [];
}

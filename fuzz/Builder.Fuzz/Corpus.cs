namespace Builder.Fuzz;

/// <summary>The inputs to start from, and those that once broke something.</summary>
public static class Corpus
{
    public static string FolderOf(FuzzTarget target) => Path.Combine(AppContext.BaseDirectory, "Corpus", target.Name);

    /// <summary>In the order of their names, so that a run can be repeated.</summary>
    public static IReadOnlyList<string> FilesIn(string folder) =>
        Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : [];
}

namespace Builder.Testing;

/// <summary>
/// Real data of the reference system. Each test project keeps what it needs under <c>Vectors/</c>,
/// which the build copies next to the test assembly.
/// </summary>
public static class Vectors
{
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "Vectors");

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static byte[] Read(string relative) => File.ReadAllBytes(PathOf(relative));

    public static string ReadText(string relative) => File.ReadAllText(PathOf(relative));

    public static Stream Open(string relative) => File.OpenRead(PathOf(relative));

    /// <summary>Paths relative to <see cref="Root"/> of the files in <paramref name="folder"/> that match, sorted.</summary>
    public static IEnumerable<string> Files(string folder, string pattern = "*") =>
        Directory
            .EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file))
            .Order(StringComparer.Ordinal);
}

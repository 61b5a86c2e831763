using Builder.Analysis.Opam;

namespace Builder.Cli.Orb;

/// <summary>
/// The installed files of two builds. Those that a directory has are compared by SHA-256; where only opam's own record is left, by its digests,
/// which are MD5: enough to see a difference, not to prove that there is none made on purpose.
/// </summary>
/// <param name="Files">All that were compared, with what came out.</param>
internal sealed record OrbComparison(IReadOnlyList<(string Path, string State)> Files)
{
    private const string Same = "same";

    public int Compared => Files.Count;

    public IReadOnlyList<string> Differing => [.. Files.Where(static file => file.State != Same).Select(static file => file.Path)];

    public static async Task<OrbComparison> RunAsync(string recorded, string here, string package, CancellationToken cancellationToken)
    {
        var left = await ReadAsync(recorded, package, cancellationToken);
        var right = await ReadAsync(here, package, cancellationToken) ?? [];
        var files = new List<(string, string)>();
        // A site has no record of opam's: what is in the directory counts.
        var paths = right
            .Keys.Concat(left?.Keys.ToArray() ?? [])
            .Where(path => left is not null || File.Exists(Path.Combine(recorded, path)));
        foreach (var path in paths.ToHashSet().Order(StringComparer.Ordinal))
        {
            var (one, other) = (Path.Combine(recorded, path), Path.Combine(here, path));
            bool isSame;
            if (File.Exists(one))
                isSame = await FileEquality.AreSameAsync(one, other, cancellationToken);
            else
                isSame = left?.GetValueOrDefault(path) is { } digest && digest == right.GetValueOrDefault(path);
            var isHere = right.ContainsKey(path);
            files.Add(
                (
                    path,
                    isSame ? Same
                    : isHere ? "differs"
                    : "missing here"
                )
            );
        }
        return new OrbComparison(files);
    }

    /// <returns>Digests by path; null where the record is missing.</returns>
    private static async Task<Dictionary<string, string>?> ReadAsync(string directory, string package, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, OrbRecord.HashesOf(package));
        if (!File.Exists(path))
            return null;
        return InstallRecord
            .Parse(await File.ReadAllBytesAsync(path, cancellationToken), path)
            .Where(static file => file.Kind == InstalledFileKind.File)
            .ToDictionary(static file => file.Path, static file => file.Digest);
    }
}

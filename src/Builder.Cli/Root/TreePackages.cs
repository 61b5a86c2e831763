using System.Security.Cryptography;

namespace Builder.Cli.Root;

/// <summary>Which packages a fresh tree has, by its package manager's own list and the .deb files that were downloaded for it.</summary>
internal static class TreePackages
{
    private const string Status = "var/lib/dpkg/status";
    private const string Archives = "var/cache/apt/archives";

    /// <exception cref="IOException">The tree has no list of packages.</exception>
    public static async Task<IReadOnlyList<TreePackage>> ReadAsync(string tree, CancellationToken cancellationToken)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Directory.Exists(Path.Combine(tree, Archives)))
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(tree, Archives), "*.deb"))
            {
                await using var content = File.OpenRead(file);
                hashes[Path.GetFileNameWithoutExtension(file)] = Convert.ToHexStringLower(
                    await SHA256.HashDataAsync(content, cancellationToken)
                );
            }
        }
        return
        [
            .. Installed(Path.Combine(tree, Status))
                .Select(package => package with { Sha256 = hashes.GetValueOrDefault(FileName(package)) })
                .OrderBy(static package => package.Name, StringComparer.Ordinal)
                .ThenBy(static package => package.Architecture, StringComparer.Ordinal),
        ];
    }

    /// <summary>As apt names a file in its cache: a colon of the version is %3a.</summary>
    private static string FileName(TreePackage package) =>
        $"{package.Name}_{package.Version.Replace(":", "%3a", StringComparison.Ordinal)}_{package.Architecture}";

    private static IEnumerable<TreePackage> Installed(string status)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(status).Append(""))
        {
            if (line.Length > 0)
            {
                if (line[0] is not (' ' or '\t') && line.Split(": ", 2) is [var name, var value])
                    fields[name] = value;
                continue;
            }
            if (
                fields.GetValueOrDefault("Status")?.EndsWith(" installed", StringComparison.Ordinal) == true
                && fields.TryGetValue("Package", out var package)
            )
            {
                yield return new TreePackage(
                    package,
                    fields.GetValueOrDefault("Version", ""),
                    fields.GetValueOrDefault("Architecture", ""),
                    null
                );
            }
            fields.Clear();
        }
    }
}

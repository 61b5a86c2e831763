using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Packages;

/// <summary>A source that <c>opam monorepo</c> put into a directory of the root, so that it is compiled with it instead of installed.</summary>
/// <param name="Directory">Under <c>duniverse/</c>.</param>
/// <param name="Hashes">Of the file behind the URL; at most one of a kind, in the order of the kinds.</param>
public sealed partial record VendoredSource(string Directory, string Url, ImmutableArray<OpamHash> Hashes)
{
    /// <summary>The package that it is the source of: <c>dns</c> for <c>…/dns-10.2.5.tbz</c> in <c>ocaml-dns</c>.</summary>
    /// <param name="packages">Names that are known to be in the build. One of them is preferred.</param>
    public string NameAmong(IReadOnlySet<string> packages)
    {
        var ofFile = NamedFile().Match(FileName) is { Success: true } match ? match.Groups["name"].Value : null;
        var directory = Directory.ToLowerInvariant();
        return new[] { ofFile, Directory, directory, directory.StartsWith("ocaml-", StringComparison.Ordinal) ? directory[6..] : null }
                .OfType<string>()
                .FirstOrDefault(packages.Contains)
            ?? (ofFile is null or "release" or "version" ? Directory : ofFile);
    }

    /// <summary>As the URL says it; null where it says none. The export itself has no versions of vendored sources.</summary>
    public string? Version =>
        NamedFile().Match(FileName) is { Success: true } named ? named.Groups["version"].Value
        : VersionFile().Match(FileName) is { Success: true } bare ? bare.Groups["version"].Value
        : null;

    public bool Equals(VendoredSource? other) =>
        other is not null && Directory == other.Directory && Url == other.Url && Hashes.AsSpan().SequenceEqual(other.Hashes.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Directory, Url, Hashes.Length);

    private string FileName
    {
        get
        {
            var path = Url.AsSpan();
            if (path.IndexOfAny('?', '#') is >= 0 and var end)
                path = path[..end];
            var name = path[(path.LastIndexOf('/') + 1)..];
            foreach (var suffix in (ReadOnlySpan<string>)[".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz", ".txz", ".zip"])
            {
                if (name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                    return name[..^suffix.Length].ToString();
            }
            return "";
        }
    }

    [GeneratedRegex("^(?<name>[A-Za-z][A-Za-z0-9_+-]*?)-v?(?<version>[0-9][A-Za-z0-9.+~-]*)$", RegexOptions.NonBacktracking)]
    private static partial Regex NamedFile();

    [GeneratedRegex("^v?(?<version>[0-9][A-Za-z0-9.+~-]*)$", RegexOptions.NonBacktracking)]
    private static partial Regex VersionFile();
}

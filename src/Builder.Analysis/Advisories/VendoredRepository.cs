namespace Builder.Analysis.Advisories;

/// <summary>A vendored repository, as far as its URL and its directory tell.</summary>
/// <param name="Names">In small letters: what the packages in it may begin with.</param>
/// <param name="OwnNames">The packages that it holds at least.</param>
/// <param name="Version">Null where the URL names a commit.</param>
internal sealed record VendoredRepository(HashSet<string> Names, IReadOnlyList<string> OwnNames, string? Version)
{
    private static readonly string[] Archives =
    [
        ".tar.gz",
        ".tar.bz2",
        ".tar.xz",
        ".tar.zst",
        ".tgz",
        ".tbz2",
        ".tbz",
        ".txz",
        ".tar",
        ".zip",
    ];

    public static VendoredRepository Of(string url, string directory)
    {
        var (path, tag) = CutTag(url);
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var file = WithoutArchive(segments.LastOrDefault() ?? "");
        var (fileName, fileVersion) = CutVersion(file);
        var version = tag is null
            ? fileVersion ?? segments.SkipLast(1).Reverse().Select(VersionOfTag).FirstOrDefault(static part => part is not null)
            : VersionOfTag(tag);
        // Packages of Jane Street carry the v in their version: base.v0.17.1.
        if (
            version is not null
            && path.Contains("janestreet", StringComparison.OrdinalIgnoreCase)
            && version.StartsWith("0.", StringComparison.Ordinal)
        )
            version = $"v{version}";
        var repository = RepositoryOf(segments);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in (ReadOnlySpan<string?>)[directory, fileName, repository])
        {
            if (string.IsNullOrEmpty(name) || name is "release" or "v" or "version")
                continue;
            names.Add(name.ToLowerInvariant());
            if (name.StartsWith("ocaml-", StringComparison.Ordinal))
                names.Add(name["ocaml-".Length..].ToLowerInvariant());
        }
        return new VendoredRepository(names, OwnNamesOf(directory, fileName), version);
    }

    private static List<string> OwnNamesOf(string directory, string? fileName)
    {
        var own = new List<string>();
        if (fileName is { Length: > 0 } && fileName is not ("release" or "v" or "version") && IsName(fileName))
            own.Add(fileName);
        if (IsName(directory) && !own.Contains(directory) && (own.Count == 0 || directory != $"ocaml-{own[0]}"))
            own.Add(directory);
        return own;
    }

    // git+https://host/repository.git#v1.2.3: what follows the sign is a tag, or a commit.
    private static (string Path, string? Tag) CutTag(string url)
    {
        var sharp = url.IndexOf('#', StringComparison.Ordinal);
        var tag = sharp < 0 ? null : url[(sharp + 1)..];
        var path = sharp < 0 ? url : url[..sharp];
        var query = path.IndexOf('?', StringComparison.Ordinal);
        path = query < 0 ? path : path[..query];
        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        return (scheme < 0 ? path : path[(scheme + 3)..], tag ?? (path.EndsWith(".git", StringComparison.Ordinal) ? "" : null));
    }

    /// <summary>HOST/OWNER/REPOSITORY/….</summary>
    private static string? RepositoryOf(string[] segments) =>
        segments is [var host, _, var repository, ..] && host.Contains("git", StringComparison.OrdinalIgnoreCase)
            ? repository.EndsWith(".git", StringComparison.Ordinal)
                ? repository[..^4]
                : repository
            : null;

    private static string WithoutArchive(string file)
    {
        foreach (var ending in Archives)
        {
            if (file.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                return file[..^ending.Length];
        }
        return file;
    }

    /// <summary><c>tls-2.1.2</c> is tls and 2.1.2; <c>v1.8.0</c> is 1.8.0 alone.</summary>
    private static (string? Name, string? Version) CutVersion(string file)
    {
        if (VersionOfTag(file) is { } only)
            return (null, only);
        for (var index = 1; index < file.Length - 1; index++)
        {
            if (file[index] is '-' or '.' or '_' && VersionOfTag(file[(index + 1)..]) is { } version)
                return (file[..index], version);
        }
        return (file, null);
    }

    /// <summary>Null where it does not begin as a version does: a commit is none.</summary>
    private static string? VersionOfTag(string tag)
    {
        var version = tag.StartsWith('v') && tag.Length > 1 && char.IsAsciiDigit(tag[1]) ? tag[1..] : tag;
        if (version.Length == 0 || !char.IsAsciiDigit(version[0]))
            return null;
        return IsCommit(version) ? null : version;
    }

    private static bool IsCommit(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigit);

    private static bool IsName(string name) => Opam.PackageId.IsName(System.Text.Encoding.UTF8.GetBytes(name));
}

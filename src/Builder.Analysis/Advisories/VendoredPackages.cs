using System.Collections.Immutable;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Advisories;

/// <summary>
/// What <c>opam monorepo</c> vendored: <c>x-opam-monorepo-duniverse-dirs</c> names a URL and a directory for each repository. The URL tells
/// the version, <c>x-orb-dependencies</c> the packages; a repository such as mirage-crypto holds several of them, in one version.
/// </summary>
internal static class VendoredPackages
{
    private const string Directories = "x-opam-monorepo-duniverse-dirs";

    // Packages that do not begin with the name of the repository that holds them.
    private static readonly Dictionary<string, string> Homes = new(StringComparer.Ordinal)
    {
        ["macaddr"] = "ipaddr",
        ["macaddr-cstruct"] = "ipaddr",
        ["hpack"] = "h2",
        ["base-bytes"] = "ocamlfind",
    };

    /// <param name="problem">What could not be read, a sentence; null where all could.</param>
    public static IEnumerable<ContainedPackage> Of(SwitchExport export, out string? problem)
    {
        problem = null;
        var contained = new List<ContainedPackage>();
        foreach (var (root, package) in export.Packages)
        {
            if (package[Directories] is not { } written)
                continue;
            var sources = Read(written, out var isWhole);
            if (!isWhole)
                problem =
                    $"Package {root}: the field {Directories} cannot be read: a list of [\"URL\" \"DIRECTORY\" [\"HASH\" …]] was expected.";
            contained.AddRange(Contained(sources, Names(package), LockedVersions(package), export));
        }
        return contained;
    }

    private static IEnumerable<ContainedPackage> Contained(
        List<VendoredRepository> sources,
        HashSet<string> names,
        Dictionary<string, string> locked,
        SwitchExport export
    )
    {
        var taken = new HashSet<VendoredRepository>();
        var installed = export.Installed.Select(static package => package.Name.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var source = HomeOf(name, sources);
            if (source is not null)
                taken.Add(source);
            // Without a repository it is installed, or virtual, or a package of the system.
            if (source is null && (installed.Contains(name) || IsVirtual(name)))
                continue;
            yield return Vendored(name, locked.GetValueOrDefault(name) ?? source?.Version);
        }
        foreach (var source in sources.Where(source => !taken.Contains(source)))
        {
            foreach (var name in source.OwnNames.Where(name => !names.Contains(name)))
                yield return Vendored(name, locked.GetValueOrDefault(name) ?? source.Version);
        }
    }

    private static ContainedPackage Vendored(string name, string? version) => new(Ecosystem.Opam, name, version, PackageWay.Vendored);

    /// <summary>The repository with that name, else the one with the longest name that the package's begins with.</summary>
    private static VendoredRepository? HomeOf(string name, List<VendoredRepository> sources)
    {
        var wanted = Homes.GetValueOrDefault(name, name).ToLowerInvariant();
        for (var end = wanted.Length; end > 0; end = wanted.LastIndexOf('-', end - 1))
        {
            var prefix = wanted[..end];
            if (sources.Find(source => source.Names.Contains(prefix)) is { } source)
                return source;
        }
        return null;
    }

    private static bool IsVirtual(string name) =>
        name.StartsWith("base-", StringComparison.Ordinal) || name.StartsWith("conf-", StringComparison.Ordinal) || name == "seq";

    private static List<VendoredRepository> Read(OpamValue written, out bool isWhole)
    {
        var sources = new List<VendoredRepository>();
        isWhole = true;
        foreach (var entry in OpamShape.Entries(written))
        {
            if (entry is OpamValue.List { Values: [OpamValue.Text url, OpamValue.Text directory, ..] })
                sources.Add(VendoredRepository.Of(url.Value.ToString(), directory.Value.ToString()));
            else
                isWhole = false;
        }
        return sources;
    }

    /// <summary>The packages of the field <c>x-orb-dependencies</c>, and those of <c>depends</c> that are vendored.</summary>
    private static HashSet<string> Names(OpamPackage package)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in package["x-orb-dependencies"] is { } orb ? OpamShape.Entries(orb) : [])
        {
            if (entry is OpamValue.List { Values: [OpamValue.Text name, .. var rest] })
            {
                names.Add(name.Value.ToString());
                foreach (var dependency in rest is [var list] ? OpamShape.Texts(list) ?? [] : [])
                    names.Add(dependency.ToString());
            }
        }
        foreach (var (name, isVendored, _) in Depends(package))
        {
            if (isVendored)
                names.Add(name);
        }
        names.RemoveWhere(static name => !PackageId.IsName(System.Text.Encoding.UTF8.GetBytes(name)));
        return names;
    }

    // "arp" {= "4.1.0" & ?vendor} in a lock file of opam monorepo.
    private static Dictionary<string, string> LockedVersions(OpamPackage package)
    {
        var versions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, isVendored, version) in Depends(package))
        {
            if (isVendored && version is not null)
                versions[name] = version;
        }
        return versions;
    }

    private static IEnumerable<(string Name, bool IsVendored, string? Version)> Depends(OpamPackage package)
    {
        foreach (var value in package["depends"] is { } depends ? OpamShape.ListOfDepth(depends, 1) : [])
        {
            if (value is not OpamValue.Option { Value: OpamValue.Text name } option)
                continue;
            var terms = option.Options.SelectMany(static constraint => Terms(constraint)).ToList();
            yield return (
                name.Value.ToString(),
                terms.Exists(static term =>
                    term is OpamValue.Prefix { Operator: "?", Argument: OpamValue.Ident { Name: "vendor" or "monorepo" } }
                ),
                terms
                    .OfType<OpamValue.PrefixRelational>()
                    .Where(static term => term is { Operator: "=", Argument: OpamValue.Text })
                    .Select(static term => ((OpamValue.Text)term.Argument).Value.ToString())
                    .FirstOrDefault()
            );
        }
    }

    private static IEnumerable<OpamValue> Terms(OpamValue value) =>
        value is OpamValue.Logical logical
            ? logical.Chain() is var (first, others)
                ? others.Select(static other => other.Term).Prepend(first)
                : []
            : [value];
}

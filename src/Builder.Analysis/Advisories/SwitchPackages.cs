using System.Collections.Immutable;
using Builder.Analysis.Opam;

namespace Builder.Analysis.Advisories;

/// <summary>The packages of an artifact <c>opam-switch</c>: installed ones, the compiler, and what is vendored.</summary>
public static class SwitchPackages
{
    private static readonly string[] Lists = ["installed", "roots", "compiler"];

    /// <summary>Whether the file says what is installed at all: an opam file of a package does not.</summary>
    public static bool IsSwitch(OpamFile file) =>
        file.Items.Any(static item =>
            item is OpamItem.Field { Name: "installed" or "roots" or "compiler" } or OpamItem.Section { Kind: "package", Name: not null }
        );

    public static PackageSet Of(SwitchExport export)
    {
        var roots = export.Roots.Select(static package => package.Name).ToHashSet();
        var compiler = export.Compiler.Select(static package => package.Name).ToHashSet();
        var packages = new Dictionary<(string Name, string? Version), ContainedPackage>();
        foreach (var package in export.Installed.Concat(export.Compiler).Concat(export.Roots))
        {
            var way =
                compiler.Contains(package.Name) ? PackageWay.Compiler
                : roots.Contains(package.Name) ? PackageWay.Root
                : PackageWay.Dependency;
            Add(new ContainedPackage(Ecosystem.Opam, package.Name.ToString(), package.Version.ToString(), way));
        }
        var vendored = VendoredPackages.Of(export, out var problem);
        foreach (var package in vendored)
            Add(package);
        return new PackageSet(
            [.. packages.Values.OrderBy(static package => package.Name, StringComparer.Ordinal)],
            [
                .. export.Problems.Where(static text => Lists.Any(list => text.StartsWith($"Field '{list}'", StringComparison.Ordinal))),
                .. problem is null ? (ImmutableArray<string>)[] : [problem],
            ]
        );

        void Add(ContainedPackage package)
        {
            if (packages.Count < PackageSet.MaxPackages)
                packages.TryAdd((package.Name, package.Version), package);
        }
    }
}

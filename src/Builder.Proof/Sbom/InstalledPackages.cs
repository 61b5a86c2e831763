using System.Collections.Immutable;
using Builder.Analysis.Opam;
using Builder.Analysis.Packages;

namespace Builder.Proof.Sbom;

/// <summary>Describes the packages that opam installed.</summary>
internal sealed class InstalledPackages
{
    private readonly SwitchExport _export;
    private readonly LinkedModules? _linked;
    private readonly HashSet<OpamText> _compiler;
    private readonly HashSet<OpamText> _pinned;

    /// <summary>Packages that the result needs after the build; null where the root says its dependencies without filters.</summary>
    private readonly HashSet<OpamText>? _used;

    public InstalledPackages(SwitchExport export, LinkedModules? linked)
    {
        _export = export;
        _linked = linked;
        _compiler = export.Compiler.Select(package => package.Name).ToHashSet();
        _pinned = export.Pinned.Select(package => package.Name).ToHashSet();
        _used = export.Root?["x-orb-dependencies"] is null ? ReachedWithoutBuildTools(export) : null;
    }

    /// <param name="isReached">The dependency graph of the roots has it.</param>
    public SbomComponent Component(PackageId package, bool isReached)
    {
        var name = package.Name.ToString();
        var file = _export.Packages.GetValueOrDefault(package.Name);
        var modules = _linked?.OfPackage(name) ?? [];
        var isCompiler = IsCompiler(package.Name, file);
        var isUsed = isReached && !isCompiler && (_used is null || _used.Contains(package.Name));
        var source = SbomSource.Of(file?.Url);
        var packageUrl = PackageUrl.Opam(package);
        if (_pinned.Contains(package.Name) || source is { IsRepository: true })
            packageUrl = packageUrl.WithQualifier("vcs_url", source?.SpdxLocation);
        return new SbomComponent(packageUrl.ToString(), SbomOrigin.Opam, name, package.Version.ToString())
        {
            PackageUrl = packageUrl,
            Licenses = Licenses(file),
            Source = source,
            ExtraSources = [.. file?.ExtraSources.Select(extra => SbomSource.Of(extra.Source)).OfType<SbomSource>() ?? []],
            Repository = file?["dev-repo"] is OpamValue.Text repository ? SbomSource.CleanUrl(repository.Value.ToString()) : null,
            // The runtime and the standard library of a compiler are in what it compiled.
            IsBuildTool = !isUsed && modules.IsEmpty,
            IsCompiler = isCompiler,
            LinkedModules = modules,
        };
    }

    private bool IsCompiler(OpamText name, OpamPackage? file) =>
        _compiler.Contains(name)
        || (file?.Flags.Contains("compiler") ?? false)
        || name.Span.StartsWith("ocaml-base-compiler"u8)
        || name.Span.StartsWith("ocaml-variants"u8)
        || name.Span.StartsWith("ocaml-system"u8)
        || name.Span.StartsWith("ocaml-option"u8)
        || name.Span.SequenceEqual("ocaml-config"u8);

    private static ImmutableArray<SbomLicense> Licenses(OpamPackage? file) =>
        file?["license"] switch
        {
            OpamValue.Text text => [SbomLicense.Of(text.Value.ToString())],
            OpamValue.List list => [.. list.Values.OfType<OpamValue.Text>().Select(text => SbomLicense.Of(text.Value.ToString()))],
            _ => [],
        };

    private static HashSet<OpamText> ReachedWithoutBuildTools(SwitchExport export)
    {
        var reached = new HashSet<OpamText>();
        var ahead = new Stack<OpamText>(export.Roots.Select(root => root.Name));
        while (ahead.TryPop(out var name))
        {
            if (!reached.Add(name) || !export.Packages.TryGetValue(name, out var package))
                continue;
            foreach (var next in BuildDependencies.NotOnlyForBuild(package).Where(next => !reached.Contains(next)))
                ahead.Push(next);
        }
        return reached;
    }
}

using System.Collections.Immutable;
using System.Globalization;
using Builder.Analysis.Comparison;
using Builder.Analysis.Opam;
using Builder.Analysis.Packages;

namespace Builder.Proof.Sbom;

/// <summary>Reads the components of a build from what it recorded.</summary>
internal sealed class SbomComponents
{
    private readonly SbomBuild _build;
    private readonly List<SbomComponent> _components = [];

    /// <summary>References by the name that the dependency graph uses.</summary>
    private readonly Dictionary<string, string> _byPackage = new(StringComparer.Ordinal);

    /// <summary>How often each reference was wanted.</summary>
    private readonly Dictionary<string, int> _references = new(StringComparer.Ordinal) { [SbomDocument.MainReference] = 1 };

    private SbomComponents(SbomBuild build) => _build = build;

    /// <returns>All components, and the references of those that the main binary depends on directly.</returns>
    public static (ImmutableArray<SbomComponent> Components, ImmutableArray<string> Dependencies) Of(SbomBuild build)
    {
        var reader = new SbomComponents(build);
        var dependencies = build.Switch is { } export ? reader.AddSwitch(export) : [];
        foreach (var package in build.SystemPackages)
            reader.AddSystemPackage(package);
        foreach (var input in build.Inputs)
            reader.Add(
                new SbomComponent($"input:{input.Name}", SbomOrigin.Input, input.Name, null)
                {
                    Hashes = [new OpamHash("sha256", input.Hash.ToString())],
                }
            );
        return ([.. reader._components], dependencies);
    }

    private ImmutableArray<string> AddSwitch(SwitchExport export)
    {
        var graph = DependencyGraph.TryCreate(export, out var found, out _) ? found : null;
        var installed = new InstalledPackages(export, _build.Linked);
        // What cannot be read as vendored sources is none; the comparison page says so.
        var vendored = VendoredSources.TryRead(export, out var sources, out _) ? sources : [];
        var reached = graph?.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal) ?? [];
        if (export.Roots is [var root])
            _byPackage[root.Name.ToString()] = SbomDocument.MainReference;
        // A vendored source goes before an installed package of its name: that one is of the machine that builds.
        foreach (var source in vendored.Values)
            AddVendored(source, reached);
        foreach (var package in export.Installed)
        {
            if (export.Roots is not [var only] || package != only)
                AddInstalled(installed.Component(package, isReached: graph is null || reached.Contains(package.Name.ToString())));
        }
        // What a vendored source holds beside the package it is named after has no version of its own in the export.
        foreach (var name in reached.Where(name => !_byPackage.ContainsKey(name)).Order(StringComparer.Ordinal))
            AddContained(name);
        return Connect(graph, vendored.Values);
    }

    private void AddInstalled(SbomComponent component)
    {
        var reference = Add(component);
        _byPackage.TryAdd(component.Name, reference);
    }

    private void AddVendored(VendoredSource source, HashSet<string> packages)
    {
        var version = source.Version;
        var name = source.NameAmong(packages);
        var isPackage = !name.Contains('.', StringComparison.Ordinal) && PackageId.TryParse(OpamText.FromUtf8($"{name}.0"), out _);
        var reference = Add(
            new SbomComponent($"duniverse:{source.Directory}", SbomOrigin.Duniverse, name, version)
            {
                PackageUrl = isPackage ? PackageUrl.Opam(name, version) : PackageUrl.Generic(name, version),
                Source = SbomSource.Of(source.Url, source.Hashes),
                IsVersionFromUrl = version is not null,
                LinkedModules = _build.Linked?.OfPackage(name) ?? [],
            }
        );
        _byPackage.TryAdd(name, reference);
        _byPackage.TryAdd(source.Directory, reference);
    }

    private void AddContained(string name) =>
        _byPackage[name] = Add(
            new SbomComponent($"duniverse-package:{name}", SbomOrigin.Duniverse, name, null)
            {
                PackageUrl = PackageUrl.Opam(name, null),
                LinkedModules = _build.Linked?.OfPackage(name) ?? [],
            }
        );

    private void AddSystemPackage(NamedVersion package)
    {
        var (name, architecture) = package.Name.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
            ? (package.Name[..colon], package.Name[(colon + 1)..])
            : (package.Name, null);
        var distribution = _build.Platform.Split('-')[0];
        var packageUrl = distribution is "debian" or "ubuntu"
            ? PackageUrl.Debian(distribution, name, package.Version, architecture, _build.Platform)
            : PackageUrl.Generic(name, package.Version).WithQualifier("distro", _build.Platform);
        Add(
            new SbomComponent(packageUrl.ToString(), SbomOrigin.System, name, package.Version)
            {
                PackageUrl = packageUrl,
                IsBuildTool = true,
            }
        );
    }

    /// <summary>The first of a reference is kept as it is, another one of the same gets a number.</summary>
    private string Add(SbomComponent component)
    {
        var number = _references[component.Reference] = _references.GetValueOrDefault(component.Reference) + 1;
        var reference = number == 1 ? component.Reference : string.Create(CultureInfo.InvariantCulture, $"{component.Reference} {number}");
        _components.Add(component with { Reference = reference });
        return reference;
    }

    private ImmutableArray<string> Connect(DependencyGraph? graph, IEnumerable<VendoredSource> vendored)
    {
        if (graph is null)
            return [];
        var edges = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            var from = _byPackage[node.Name];
            if (!edges.TryGetValue(from, out var to))
                edges.Add(from, to = new SortedSet<string>(StringComparer.Ordinal));
            to.UnionWith(node.Dependencies.Select(name => _byPackage[name]).Where(reference => reference != from));
        }
        for (var index = 0; index < _components.Count; index++)
        {
            if (edges.TryGetValue(_components[index].Reference, out var dependencies))
                _components[index] = _components[index] with { Dependencies = [.. dependencies] };
        }
        var direct = new SortedSet<string>(StringComparer.Ordinal);
        direct.UnionWith(
            edges.TryGetValue(SbomDocument.MainReference, out var ofRoot) ? ofRoot : graph.Roots.Select(name => _byPackage[name])
        );
        // Compiled with the root, whatever the graph calls it.
        direct.UnionWith(vendored.Select(source => _byPackage[source.Directory]).Where(reference => !edges.ContainsKey(reference)));
        direct.Remove(SbomDocument.MainReference);
        return [.. direct];
    }
}

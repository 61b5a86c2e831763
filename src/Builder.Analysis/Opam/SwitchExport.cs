using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Builder.Analysis.Opam;

/// <summary>
/// What <c>opam switch export --full --freeze</c> wrote (the artifact <c>opam-switch</c>): which packages were installed, and the opam file of each.
/// Lenient where opam is: no opam-version is needed, and what cannot be read counts as absent and stands in <see cref="Problems"/>.
/// </summary>
public sealed class SwitchExport
{
    private SwitchExport(OpamFile file)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        Roots = ReadPackages(file, "roots", problems);
        Installed = ReadPackages(file, "installed", problems);
        Pinned = ReadPackages(file, "pinned", problems);
        Compiler = ReadPackages(file, "compiler", problems);
        var packages = new Dictionary<OpamText, OpamPackage>();
        foreach (var section in file.Items.OfType<OpamItem.Section>())
        {
            if (section is { Kind: "package", Name: { } name })
                packages[name] = OpamPackage.Read(section);
            else
                problems.Add($"Section '{section.Kind}' does not belong into a switch export.");
        }
        problems.AddRange(packages.SelectMany(package => package.Value.Problems.Select(problem => $"Package {package.Key}: {problem}")));
        Packages = packages;
        Problems = problems.DrainToImmutable();
    }

    private SwitchExport(SwitchExport whole, PackageId root)
    {
        var reached = DirectDependencies.Reached(whole, [root.Name]);
        Roots = [root];
        Installed = [.. whole.Installed.Where(package => reached.ContainsKey(package.Name))];
        Pinned = [.. whole.Pinned.Where(package => reached.ContainsKey(package.Name))];
        Compiler = [.. whole.Compiler.Where(package => reached.ContainsKey(package.Name))];
        Packages = whole.Packages;
        Problems = whole.Problems;
    }

    /// <summary>The packages that were asked for. A unikernel or program has one; a switch of a person has several, its compiler among them.</summary>
    public ImmutableArray<PackageId> Roots { get; }

    public ImmutableArray<PackageId> Installed { get; }

    public ImmutableArray<PackageId> Pinned { get; }

    public ImmutableArray<PackageId> Compiler { get; }

    /// <summary>The opam file of each package, by its name.</summary>
    public IReadOnlyDictionary<OpamText, OpamPackage> Packages { get; }

    /// <summary>What was dropped, and why, a sentence each.</summary>
    public ImmutableArray<string> Problems { get; }

    /// <summary>The opam file of the root, where there is exactly one.</summary>
    public OpamPackage? Root => Roots is [var root] ? Packages.GetValueOrDefault(root.Name) : null;

    /// <summary>What one root reaches: the export as it would be if that were the only root.</summary>
    /// <param name="root">NAME or NAME.VERSION.</param>
    /// <param name="problem">A sentence for people where the switch has no such root.</param>
    public bool TryRestrict(string root, [NotNullWhen(true)] out SwitchExport? restricted, [NotNullWhen(false)] out string? problem)
    {
        restricted = null;
        problem = null;
        var found = Roots.Where(candidate => candidate.Name.ToString() == root || candidate.ToString() == root).ToList();
        if (found.Count == 0)
            problem = Roots.IsEmpty
                ? $"The switch has no root package \"{root}\", and no other."
                : $"The switch has no root package \"{root}\"; its roots are {string.Join(", ", Roots)}.";
        else
            restricted = Roots.Length == 1 ? this : new SwitchExport(this, found[0]);
        return restricted is not null;
    }

    /// <param name="source">Must not change as long as the export is in use: strings are slices of it.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="OpamSyntaxException">The bytes are not an opam file, or of a format that is too new.</exception>
    public static SwitchExport Parse(ReadOnlyMemory<byte> source, string name) => Read(OpamFile.Parse(source, name), name);

    /// <param name="name">What messages call the file.</param>
    /// <exception cref="OpamSyntaxException">The file is of a format that is too new.</exception>
    public static SwitchExport Read(OpamFile file, string name)
    {
        if (FormatVersion.Of(file) is { } version)
            FormatVersion.Require(version, name);
        return new SwitchExport(file);
    }

    /// <inheritdoc cref="Parse"/>
    public static bool TryParse(
        ReadOnlyMemory<byte> source,
        string name,
        [NotNullWhen(true)] out SwitchExport? export,
        [NotNullWhen(false)] out OpamSyntaxException? error
    )
    {
        try
        {
            export = Parse(source, name);
            error = null;
            return true;
        }
        catch (OpamSyntaxException exception)
        {
            export = null;
            error = exception;
            return false;
        }
    }

    private static ImmutableArray<PackageId> ReadPackages(OpamFile file, string field, ImmutableArray<string>.Builder problems)
    {
        if (file.Items.OfType<OpamItem.Field>().LastOrDefault(item => item.Name == field) is not { } written)
            return [];
        var packages = new HashSet<PackageId>();
        foreach (var text in OpamShape.Texts(written.Value) ?? [default])
        {
            if (!PackageId.TryParse(text, out var package))
            {
                problems.Add($"Field '{field}' cannot be read: a list of \"NAME.VERSION\" was expected.");
                return [];
            }
            packages.Add(package);
        }
        return [.. packages.Order()];
    }
}

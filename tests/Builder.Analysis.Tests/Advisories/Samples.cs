using System.Text;
using Builder.Analysis.Advisories;
using Builder.Testing;

namespace Builder.Analysis.Tests.Advisories;

/// <summary>Advisories of the vectors, and written ones.</summary>
internal static class Samples
{
    public static AdvisoryCollection Read(string path) =>
        AdvisoryFiles.Read(Path.IsPathRooted(path) ? path : Vectors.PathOf(path), problem => Assert.Fail(problem));

    public static Advisory Advisory(string path) =>
        AdvisoryCollection.Read(Vectors.Read(path), path) ?? throw new InvalidDataException($"{path} is no advisory");

    /// <param name="affected">The value of the field.</param>
    public static Advisory Opam(string affected) =>
        OpamAdvisory.Read(Encoding.UTF8.GetBytes($"```\nid: OSEC-1\naffected: {affected}\n```\n\n# Title\n"), "OSEC-1.md");

    public static Advisory Osv(string affected) =>
        OsvAdvisory.Read(
            Encoding.UTF8.GetBytes($$"""{"id":"X-1","modified":"2026-01-01T00:00:00Z","affected":[{{affected}}]}"""),
            "X-1.json"
        );

    /// <summary><c>name.version</c> of each, separated by blanks.</summary>
    public static IEnumerable<ContainedPackage> Packages(string packages, Ecosystem ecosystem = Ecosystem.Opam) =>
        packages
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(package => package.Split('.', 2))
            .Select(parts => new ContainedPackage(ecosystem, parts[0], parts[1], PackageWay.Dependency));

    public static PackageSet Switch(string name) => SwitchPackages.Of(Switches.Read(name));

    /// <summary><c>name.version</c> and what fixes it, in order.</summary>
    public static IEnumerable<string> Match(Advisory advisory, IEnumerable<ContainedPackage> packages) =>
        new AdvisoryMatcher([advisory])
            .Match(packages)
            .Select(match => $"{match.Package.Name}.{match.Package.Version} {match.Fixed ?? "-"}");
}
